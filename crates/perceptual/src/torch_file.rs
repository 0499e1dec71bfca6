//! Files of `torch.save`: zip archives, and the older plain stream.

use std::collections::HashMap;

use crate::error::PerceptualError;
use crate::pickle::{Unpickled, Value, unpickle};
use crate::tensor_map::{Number, TensorMap};

/// A state dict in a zip archive: `*/data.pkl`, and a file `*/data/<key>` for every storage.
pub(crate) fn read_zip(bytes: &[u8]) -> Result<TensorMap, PerceptualError> {
    zip_map(bytes).map_err(PerceptualError::Unreadable)
}

fn zip_map(bytes: &[u8]) -> Result<TensorMap, String> {
    let files = zip_files(bytes)?;
    let pickle = files.iter().find(|(name, _)| name.ends_with("data.pkl"));
    let (name, pickle) = pickle.ok_or("there is no data.pkl in the archive")?;
    let folder = name.trim_end_matches("data.pkl");
    let objects = unpickle(pickle)?;
    collect(&objects, &|key| {
        files.get(&format!("{folder}data/{key}")).copied()
    })
}

/// A state dict in the older format: three pickles of no interest, the state dict, the keys of the
/// storages, then each storage with its count in front.
pub(crate) fn read_legacy(bytes: &[u8]) -> Result<TensorMap, PerceptualError> {
    legacy_map(bytes).map_err(PerceptualError::Unreadable)
}

fn legacy_map(bytes: &[u8]) -> Result<TensorMap, String> {
    let mut rest = bytes;
    let mut next = || {
        let objects = unpickle(rest)?;
        rest = &rest[objects.length..];
        Ok::<Unpickled, String>(objects)
    };
    for _ in 0..3 {
        next()?;
    }
    let (state, keys) = (next()?, next()?);
    let kinds = storages(&state);
    let mut data = HashMap::new();
    for key in keys.elements(&keys.root) {
        let Value::Text(key) = key else {
            return Err("a storage has no name".into());
        };
        let size = kinds.get(key.as_str()).map_or(4, |kind| kind.size());
        let (head, tail) = rest.split_first_chunk::<8>().ok_or("it is cut short")?;
        let count = u64::from_le_bytes(*head) as usize;
        let length = count.checked_mul(size).ok_or("a storage is too large")?;
        let (storage, tail) = tail.split_at_checked(length).ok_or("it is cut short")?;
        data.insert(key.as_str(), storage);
        rest = tail;
    }
    collect(&state, &|key| data.get(key).copied())
}

/// The number format of every storage that a tensor of the state dict lies in.
fn storages(objects: &Unpickled) -> HashMap<&str, Number> {
    let entries = state_dict(objects);
    let tensors = entries
        .into_iter()
        .filter_map(|(_, value)| tensor(objects, value));
    tensors.map(|tensor| (tensor.key, tensor.kind)).collect()
}

/// The entries of the state dict: of the pickle itself or of its `state_dict`.
fn state_dict(objects: &Unpickled) -> Vec<(&Value, &Value)> {
    let entries = objects.entries(&objects.root);
    let inner = entries
        .iter()
        .find(|(key, _)| matches!(key, Value::Text(name) if name == "state_dict"));
    match inner {
        Some((_, inner)) => objects.entries(inner),
        None => entries,
    }
}

fn collect<'a>(
    objects: &Unpickled,
    storage: &dyn Fn(&str) -> Option<&'a [u8]>,
) -> Result<TensorMap, String> {
    let mut map = TensorMap::default();
    for (name, value) in state_dict(objects) {
        let (Value::Text(name), Some(tensor)) = (name, tensor(objects, value)) else {
            continue;
        };
        let data =
            storage(tensor.key).ok_or_else(|| format!("the numbers of {name} are missing"))?;
        let count = tensor
            .shape
            .iter()
            .try_fold(1_usize, |n, size| n.checked_mul(*size));
        let count = count.ok_or_else(|| format!("{name} is too large"))?;
        let start = tensor.offset.saturating_mul(tensor.kind.size());
        let end = start.saturating_add(count.saturating_mul(tensor.kind.size()));
        let data = data.get(start..end);
        let data = data.ok_or_else(|| format!("the numbers of {name} are cut short"))?;
        if !tensor.is_row_major() {
            return Err(format!(
                "{name} is stored transposed; save a contiguous copy"
            ));
        }
        map.insert(name, tensor.shape, tensor.kind.values(data));
    }
    Ok(map)
}

struct StoredTensor<'a> {
    key: &'a str,
    kind: Number,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

impl StoredTensor<'_> {
    fn is_row_major(&self) -> bool {
        let mut step = 1;
        self.shape
            .iter()
            .zip(&self.strides)
            .rev()
            .all(|(size, stride)| {
                let fits = *size == 1 || *stride == step;
                step *= size;
                fits
            })
    }
}

/// A tensor of floating-point numbers; `None` for counters and everything else.
fn tensor<'a>(objects: &'a Unpickled, value: &'a Value) -> Option<StoredTensor<'a>> {
    let Value::Call(function, arguments) = value else {
        return None;
    };
    if function == "torch._utils _rebuild_parameter" {
        return tensor(objects, arguments.first()?);
    }
    let [
        Value::Persistent(id),
        Value::Int(offset),
        shape,
        strides,
        ..,
    ] = arguments.as_slice()
    else {
        return None;
    };
    let [_, Value::Global(kind), Value::Text(key), ..] = objects.elements(id) else {
        return None;
    };
    let kind = match kind.as_str() {
        "torch FloatStorage" => Number::F32,
        "torch DoubleStorage" => Number::F64,
        "torch HalfStorage" => Number::F16,
        "torch BFloat16Storage" => Number::Bf16,
        _ => return None,
    };
    let sizes = |value| {
        let sizes = objects.elements(value).iter();
        sizes.map(|size| match size {
            Value::Int(size) => usize::try_from(*size).ok(),
            _ => None,
        })
    };
    Some(StoredTensor {
        key,
        kind,
        offset: usize::try_from(*offset).ok()?,
        shape: sizes(shape).collect::<Option<_>>()?,
        strides: sizes(strides).collect::<Option<_>>()?,
    })
}

/// The uncompressed files of a zip archive, by name.
fn zip_files(bytes: &[u8]) -> Result<HashMap<String, &[u8]>, String> {
    const END: &[u8] = b"PK\x05\x06";
    let end = bytes.windows(4).rposition(|window| window == END);
    let end = end.ok_or("the archive is cut short")?;
    let count = number(bytes, end + 10, 2)?;
    let mut at = number(bytes, end + 16, 4)?;
    let mut files = HashMap::new();
    for _ in 0..count {
        let method = number(bytes, at + 10, 2)?;
        let size = number(bytes, at + 24, 4)?;
        let [name, extra, comment] = [28, 30, 32].map(|field| number(bytes, at + field, 2));
        let (name, extra, comment) = (name?, extra?, comment?);
        let header = number(bytes, at + 42, 4)?;
        let start = header + 30 + number(bytes, header + 26, 2)? + number(bytes, header + 28, 2)?;
        let text = String::from_utf8_lossy(slice(bytes, at + 46, name)?).into_owned();
        if method == 0 {
            files.insert(text, slice(bytes, start, size)?);
        }
        at += 46 + name + extra + comment;
    }
    Ok(files)
}

fn slice(bytes: &[u8], start: usize, length: usize) -> Result<&[u8], String> {
    let end = start.saturating_add(length);
    bytes
        .get(start..end)
        .ok_or_else(|| "the archive is cut short".into())
}

fn number(bytes: &[u8], start: usize, length: usize) -> Result<usize, String> {
    let bytes = slice(bytes, start, length)?;
    Ok(bytes.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b)))
}

//! The dicts of tensors in a file.

use std::collections::{BTreeMap, HashMap};

use crate::archive;
use crate::number::Number;
use crate::pickle::{Unpickled, Value, unpickle};

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TorchFileError(String);

/// A tensor in f32, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its sizes; empty for a single number.
    pub shape: Vec<usize>,
    /// Its values.
    pub values: Vec<f32>,
}

/// A file's objects, and where their numbers lie.
#[derive(Debug)]
pub struct TorchFile<'a> {
    objects: Unpickled,
    storages: HashMap<String, &'a [u8]>,
}

impl<'a> TorchFile<'a> {
    /// Whether the bytes begin like a file of `torch.save`: an archive, or a pickle that is no
    /// safetensors file.
    pub fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK") || bytes.first() == Some(&0x80) && bytes.get(8) != Some(&b'{')
    }

    /// Whether it is an archive with a program, as `torch.jit.save` writes it.
    pub fn is_script(bytes: &[u8]) -> bool {
        let constants = |name: &String| name.ends_with("/constants.pkl");
        bytes.starts_with(b"PK")
            && archive::files(bytes).is_ok_and(|files| files.keys().any(constants))
    }

    /// Reads a file's objects; the tensors' numbers stay where they are.
    ///
    /// # Errors
    /// If it is neither of the two formats, or damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self, TorchFileError> {
        let file = if bytes.starts_with(b"PK") {
            Self::from_archive(bytes)
        } else {
            Self::from_stream(bytes)
        };
        file.map_err(TorchFileError)
    }

    /// An archive has `*/data.pkl`, and a file `*/data/<key>` for every storage.
    fn from_archive(bytes: &'a [u8]) -> Result<Self, String> {
        let files = archive::files(bytes)?;
        let pickle = files.iter().find(|(name, _)| name.ends_with("data.pkl"));
        let (name, pickle) = pickle.ok_or("there is no data.pkl in the archive")?;
        let folder = format!("{}data/", name.trim_end_matches("data.pkl"));
        let objects = unpickle(pickle)?;
        let storages = files
            .iter()
            .filter_map(|(name, content)| Some((name.strip_prefix(&folder)?.to_owned(), *content)));
        Ok(Self {
            storages: storages.collect(),
            objects,
        })
    }

    /// The older format has three pickles of no interest, the objects, the keys of the storages,
    /// then each storage with its count in front.
    fn from_stream(bytes: &'a [u8]) -> Result<Self, String> {
        let mut rest = bytes;
        let mut next = || {
            let objects = unpickle(rest)?;
            rest = &rest[objects.length..];
            Ok::<Unpickled, String>(objects)
        };
        for _ in 0..3 {
            next()?;
        }
        let (objects, keys) = (next()?, next()?);
        let kept = objects.persistent();
        let sizes = kept.into_iter().filter_map(|id| storage(&objects, id));
        let sizes: HashMap<&str, usize> = sizes.collect();
        let mut storages = HashMap::new();
        for key in keys.elements(&keys.root) {
            let Value::Text(key) = key else {
                return Err("a storage has no name".into());
            };
            let size = sizes.get(key.as_str()).copied().unwrap_or(4);
            let (head, tail) = rest.split_first_chunk::<8>().ok_or("it is cut short")?;
            let count = u64::from_le_bytes(*head) as usize;
            let length = count.checked_mul(size).ok_or("a storage is too large")?;
            let (content, tail) = tail.split_at_checked(length).ok_or("it is cut short")?;
            storages.insert(key.clone(), content);
            rest = tail;
        }
        Ok(Self { objects, storages })
    }

    /// Every dict that holds tensors itself: its place, as keys with dots between them (empty for
    /// the file's own dict), and how many.
    pub fn dicts(&self) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        self.search("", &self.objects.root, &mut found);
        found
    }

    fn search(&self, place: &str, value: &Value, found: &mut BTreeMap<String, usize>) {
        // Deep enough for any checkpoint, and an end for one that holds itself.
        const DEEPEST: usize = 8;
        if place.matches('.').count() >= DEEPEST {
            return;
        }
        let mut tensors = 0;
        for (key, value) in self.objects.entries(value) {
            let Value::Text(key) = key else { continue };
            if stored(&self.objects, value).is_some() {
                tensors += 1;
            } else {
                let separator = if place.is_empty() { "" } else { "." };
                self.search(&format!("{place}{separator}{key}"), value, found);
            }
        }
        if tensors > 0 {
            found.insert(place.to_owned(), tensors);
        }
    }

    /// The tensors of the dict at a place that [`dicts`](Self::dicts) names, by their keys.
    ///
    /// # Errors
    /// If there is no such dict, or numbers are missing or transposed.
    pub fn tensors(&self, place: &str) -> Result<BTreeMap<String, Tensor>, TorchFileError> {
        let dict = self.dict(&self.objects.root, place);
        let dict = dict.ok_or_else(|| TorchFileError(format!("it has no {place}")))?;
        let mut tensors = BTreeMap::new();
        for (name, value) in self.objects.entries(dict) {
            if let (Value::Text(name), Some(tensor)) = (name, stored(&self.objects, value)) {
                let tensor = self.tensor(name, tensor).map_err(TorchFileError)?;
                tensors.insert(name.clone(), tensor);
            }
        }
        Ok(tensors)
    }

    /// Keys may hold dots themselves, so the way is searched and not split.
    fn dict<'b>(&'b self, from: &'b Value, place: &str) -> Option<&'b Value> {
        if place.is_empty() {
            return Some(from);
        }
        self.objects
            .entries(from)
            .into_iter()
            .find_map(|(key, value)| {
                let Value::Text(key) = key else { return None };
                let rest = place.strip_prefix(key.as_str())?;
                let rest = if rest.is_empty() {
                    rest
                } else {
                    rest.strip_prefix('.')?
                };
                self.dict(value, rest)
            })
    }

    fn tensor(&self, name: &str, tensor: StoredTensor<'_>) -> Result<Tensor, String> {
        let data = self.storages.get(tensor.key);
        let data = data.ok_or_else(|| format!("the numbers of {name} are missing"))?;
        let mut sizes = tensor.shape.iter();
        let count = sizes.try_fold(1_usize, |n, size| n.checked_mul(*size));
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
        Ok(Tensor {
            shape: tensor.shape,
            values: tensor.kind.values(data),
        })
    }
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
        let axes = self.shape.iter().zip(&self.strides).rev();
        axes.into_iter().all(|(size, stride)| {
            let fits = *size == 1 || *stride == step;
            step *= size;
            fits
        })
    }
}

/// Where the numbers of a tensor lie, and how long each is, whatever its kind.
fn storage<'a>(objects: &'a Unpickled, value: &'a Value) -> Option<(&'a str, usize)> {
    let Value::Persistent(id) = value else {
        return None;
    };
    let [_, Value::Global(kind), Value::Text(key), ..] = objects.elements(id) else {
        return None;
    };
    let size = match kind.strip_prefix("torch ")?.strip_suffix("Storage")? {
        "Double" | "Long" | "ComplexFloat" => 8,
        "ComplexDouble" => 16,
        "Half" | "BFloat16" | "Short" => 2,
        "Byte" | "Char" | "Bool" => 1,
        _ => 4,
    };
    Some((key, size))
}

/// A tensor of floating-point numbers; `None` for counters and everything else.
fn stored<'a>(objects: &'a Unpickled, value: &'a Value) -> Option<StoredTensor<'a>> {
    let Value::Call(function, arguments) = value else {
        return None;
    };
    if function == "torch._utils _rebuild_parameter" {
        return stored(objects, arguments.first()?);
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

//! TensorBoard event files.
//!
//! A file is a row of records: length (u64), its checksum, the data, its checksum; all numbers
//! little-endian. The data is the protobuf message `Event`, of which the few fields used here are
//! written by hand. Source: TensorFlow's `event.proto`, `summary.proto` and `record_writer.h`.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::Value;

/// Castagnoli's polynomial, reflected.
const POLYNOMIAL: u32 = 0x82f6_3b78;
const VERSION: &str = "brain.Event:2";
/// `SessionLog.SessionStatus.START`: readers forget what is logged for this step and later ones.
const START: u64 = 1;

/// An event file that is being written.
pub(crate) struct EventFile {
    file: File,
}

impl EventFile {
    /// A new file in a run's folder, of a sitting that begins after step `done`. What earlier
    /// sittings logged of later steps no longer counts.
    pub(crate) fn create(folder: &Path, done: u64) -> Result<Self> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        // Readers take the files of a folder in the order of their names.
        let name = format!(
            "events.out.tfevents.{:010}.{:09}.trainer",
            now.as_secs(),
            now.subsec_nanos()
        );
        let path = folder.join(name);
        let file = File::create(&path)
            .with_context(|| format!("the event file {} cannot be written", path.display()))?;
        let mut events = Self { file };
        events.write(0, &bytes(3, VERSION.as_bytes()))?;
        events.write(done + 1, &bytes(7, &varint_field(1, START)))?;
        Ok(events)
    }

    /// Adds every number of a line of the log: `{"ms": {"forward": 3}}` is called `ms/forward`.
    pub(crate) fn scalars(&mut self, step: u64, line: &Value) -> Result<()> {
        let mut values = Vec::new();
        flatten("", line, &mut values);
        values.retain(|(tag, _)| tag != "step");
        let summary: Vec<u8> = values
            .iter()
            .flat_map(|(tag, value)| {
                let mut message = bytes(1, tag.as_bytes());
                message.push(2 << 3 | 5);
                message.extend((*value as f32).to_le_bytes());
                bytes(1, &message)
            })
            .collect();
        self.write(step, &bytes(5, &summary))
    }

    fn write(&mut self, step: u64, content: &[u8]) -> Result<()> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut event = vec![1 << 3 | 1];
        event.extend(now.as_secs_f64().to_le_bytes());
        event.extend(varint_field(2, step));
        event.extend(content);
        self.file
            .write_all(&record(&event))
            .context("the event file cannot be written")
    }
}

fn flatten(tag: &str, value: &Value, into: &mut Vec<(String, f64)>) {
    if let Value::Object(fields) = value {
        for (name, value) in fields {
            let separator = if tag.is_empty() { "" } else { "/" };
            flatten(&format!("{tag}{separator}{name}"), value, into);
        }
    } else if let Some(number) = value.as_f64() {
        into.push((tag.to_owned(), number));
    }
}

fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = length.to_vec();
    record.extend(masked(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked(data).to_le_bytes());
    record
}

/// A checksum turned so that checksums of checksums stay good.
fn masked(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

fn crc32c(data: &[u8]) -> u32 {
    let shift = |crc: u32, _| (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), shift);
    !data.iter().fold(!0, byte)
}

/// A field of bytes, text or a message.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    let mut encoded = varint(field << 3 | 2);
    encoded.extend(varint(content.len() as u64));
    encoded.extend(content);
    encoded
}

fn varint_field(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// Seven bits a byte, lowest first, with a mark on all but the last.
fn varint(mut value: u64) -> Vec<u8> {
    let mut encoded = Vec::new();
    while value > 0x7f {
        encoded.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    encoded.push(value as u8);
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn checksums_are_castagnolis() {
        // RFC 3720, appendix B.4.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    /// Takes a varint off the front.
    fn read_varint(data: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = data[0];
            *data = &data[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }

    /// Number and content of every field.
    fn fields(mut data: &[u8]) -> Vec<(u64, Vec<u8>)> {
        let mut fields = Vec::new();
        while !data.is_empty() {
            let key = read_varint(&mut data);
            let length = match key & 7 {
                0 => {
                    fields.push((key >> 3, read_varint(&mut data).to_le_bytes().to_vec()));
                    continue;
                }
                1 => 8,
                2 => read_varint(&mut data) as usize,
                5 => 4,
                kind => panic!("wire type {kind}"),
            };
            fields.push((key >> 3, data[..length].to_vec()));
            data = &data[length..];
        }
        fields
    }

    fn events(mut file: &[u8]) -> Vec<Vec<(u64, Vec<u8>)>> {
        let mut events = Vec::new();
        while !file.is_empty() {
            let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
            let (head, data) = (&file[..8], &file[12..12 + length]);
            assert_eq!(file[8..12], masked(head).to_le_bytes());
            assert_eq!(file[12 + length..16 + length], masked(data).to_le_bytes());
            events.push(fields(data));
            file = &file[16 + length..];
        }
        events
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = EventFile::create(folder.path(), 299).unwrap();
        let line = json!({"step": 300, "loss": 0.5, "ms": {"forward": 3}, "note": "text"});
        file.scalars(300, &line).unwrap();
        let path = std::fs::read_dir(folder.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let events = events(&std::fs::read(path).unwrap());
        assert_eq!(events.len(), 3);
        assert_eq!(events[0][2], (3, VERSION.as_bytes().to_vec()));
        assert_eq!(events[1][1], (2, 300_u64.to_le_bytes().to_vec()));
        assert_eq!(events[1][2], (7, vec![8, 1]));
        assert_eq!(events[2][1], (2, 300_u64.to_le_bytes().to_vec()));
        let values: Vec<_> = fields(&events[2][2].1)
            .iter()
            .map(|(_, v)| fields(v))
            .collect();
        let value = |tag: &str, value: f32| {
            vec![
                (1, tag.as_bytes().to_vec()),
                (2, value.to_le_bytes().to_vec()),
            ]
        };
        assert_eq!(values, [value("loss", 0.5), value("ms/forward", 3.0)]);
    }
}

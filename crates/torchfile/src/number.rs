//! How weight files store numbers.

use half::{bf16, f16};

/// How a file stores a number, always little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// 4 bytes.
    F32,
    /// 8 bytes.
    F64,
    /// 2 bytes, IEEE.
    F16,
    /// 2 bytes, the upper half of an f32.
    Bf16,
}

impl Number {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// The numbers of some bytes in f32; an incomplete one at the end is left out.
    pub fn values(self, data: &[u8]) -> Vec<f32> {
        let (fours, _) = data.as_chunks::<4>();
        let (twos, _) = data.as_chunks::<2>();
        let (eights, _) = data.as_chunks::<8>();
        match self {
            Self::F32 => fours.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Self::F64 => eights
                .iter()
                .map(|b| f64::from_le_bytes(*b) as f32)
                .collect(),
            Self::F16 => twos
                .iter()
                .map(|b| f16::from_le_bytes(*b).to_f32())
                .collect(),
            Self::Bf16 => twos
                .iter()
                .map(|b| bf16::from_le_bytes(*b).to_f32())
                .collect(),
        }
    }
}

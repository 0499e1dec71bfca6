//! How much memory a run takes.

use burn::tensor::Device;

/// Bytes that the GPU has reserved, where the device tells; else those of this process that are in
/// the machine's memory. `None` where the system does not tell either.
pub(super) fn in_use(device: &Device) -> Option<u64> {
    let on_device = device.memory_pool_usage().map(|pools| pools.bytes_reserved);
    on_device.or_else(|| memory_stats::memory_stats().map(|own| own.physical_mem as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_counted() {
        let before = in_use(&Device::flex()).unwrap();
        let taken = std::hint::black_box(vec![1_u8; 200 << 20]);
        let after = in_use(&Device::flex()).unwrap();
        assert!(after > before + (150 << 20), "{before} {after}");
        drop(taken);
    }
}

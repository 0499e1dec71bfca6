//! Which device computes: CUDA, else wgpu, else the CPU.

use anyhow::{Result, bail};
use burn::tensor::Device;

/// A kind of device that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DeviceKind {
    /// An NVIDIA GPU.
    Cuda,
    /// A GPU through Vulkan, Metal or Direct3D.
    Wgpu,
    /// The processor.
    Cpu,
}

/// The device chosen, and what to tell a person about it.
pub(crate) struct Chosen {
    pub(crate) device: Device,
    /// For example `CPU (flex, 2 threads)`.
    pub(crate) name: String,
    /// Why this one and not a faster one.
    pub(crate) reason: String,
}

/// The device asked for, or the best one present.
///
/// # Errors
/// If the device asked for is not present or not built in.
pub(crate) fn choose(wanted: Option<DeviceKind>) -> Result<Chosen> {
    match wanted {
        Some(kind) => match open(kind) {
            Ok(device) => Ok(chosen(kind, device, "asked for".to_owned())),
            Err(why) => bail!("{why}; leave out --device to use the best device present"),
        },
        None => Ok(best()),
    }
}

fn best() -> Chosen {
    let mut missing = Vec::new();
    for kind in [DeviceKind::Cuda, DeviceKind::Wgpu] {
        match open(kind) {
            Ok(device) => {
                missing.push("the best one present".to_owned());
                return chosen(kind, device, missing.join("; "));
            }
            Err(why) => missing.push(why),
        }
    }
    chosen(DeviceKind::Cpu, Device::flex(), missing.join("; "))
}

fn chosen(kind: DeviceKind, device: Device, reason: String) -> Chosen {
    let name = match kind {
        DeviceKind::Cuda => "NVIDIA GPU (CUDA)".to_owned(),
        DeviceKind::Wgpu => "GPU (wgpu)".to_owned(),
        DeviceKind::Cpu => format!("CPU ({} threads)", threads()),
    };
    Chosen {
        device,
        name,
        reason,
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The first device of a kind, or why there is none.
fn open(kind: DeviceKind) -> Result<Device, String> {
    match kind {
        DeviceKind::Cuda => open_cuda(),
        DeviceKind::Wgpu => open_wgpu(),
        DeviceKind::Cpu => Ok(Device::flex()),
    }
}

#[cfg(feature = "cuda")]
fn open_cuda() -> Result<Device, String> {
    first(burn::tensor::DeviceType::Cuda).ok_or_else(|| "no CUDA device was found".to_owned())
}

#[cfg(not(feature = "cuda"))]
fn open_cuda() -> Result<Device, String> {
    Err("CUDA is not built in".to_owned())
}

#[cfg(feature = "wgpu")]
fn open_wgpu() -> Result<Device, String> {
    first(burn::tensor::DeviceType::Wgpu).ok_or_else(|| "no wgpu device was found".to_owned())
}

#[cfg(not(feature = "wgpu"))]
fn open_wgpu() -> Result<Device, String> {
    Err("wgpu is not built in".to_owned())
}

/// The first device of a type. A driver that is missing or broken may make the backend panic,
/// which here only means that there is no such device.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
fn first(kind: burn::tensor::DeviceType) -> Option<Device> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let found = std::panic::catch_unwind(|| Device::enumerate(kind).into_vec());
    std::panic::set_hook(hook);
    found.ok()?.into_iter().next()
}

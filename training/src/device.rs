//! Which device computes: CUDA, else a GPU through wgpu, else the CPU.
//!
//! Decided when the program runs, so that one binary serves every machine: the CUDA and graphics
//! libraries are looked for, never linked. Asking for a kind that is not there is an error;
//! leaving the choice open never is.

use anyhow::{Result, bail};
use burn::tensor::Device;

/// A kind of device that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DeviceKind {
    /// An NVIDIA GPU.
    Cuda,
    /// A GPU through Vulkan, Metal or Direct3D; asked for by name, a software adapter will do.
    Wgpu,
    /// The processor.
    Cpu,
}

/// The device chosen, and what to tell a person about it.
pub(crate) struct Chosen {
    pub(crate) device: Device,
    /// For example `CPU (2 threads)`.
    pub(crate) name: String,
    /// Why this one and not a faster one.
    pub(crate) reason: String,
}

/// A device and its name, or why there is none.
type Found = Result<(Device, String), String>;

/// The device asked for, or the best one present. Without autodiff.
///
/// # Errors
/// If the device asked for is not present, not built in or does not work.
pub(crate) fn choose(wanted: Option<DeviceKind>) -> Result<Chosen> {
    let found = match wanted {
        Some(DeviceKind::Cuda) => open_cuda(),
        Some(DeviceKind::Wgpu) => open_wgpu(Software::Accepted),
        Some(DeviceKind::Cpu) => Ok(cpu()),
        None => return Ok(best()),
    };
    match found {
        Ok(found) => Ok(chosen(found, "asked for".to_owned())),
        Err(why) => bail!("{why}; leave out --device to use the best device present"),
    }
}

/// The CUDA devices that follow the first one, `count` in all with it.
///
/// # Errors
/// If the run is not on CUDA, or there are too few.
pub(crate) fn further(first: &Chosen, count: u64) -> Result<Vec<Device>> {
    if count <= 1 {
        return Ok(Vec::new());
    }
    let listed = cuda_devices();
    if !listed.contains(&first.device) {
        bail!("several GPUs need CUDA; this is {}", first.name);
    }
    let present = listed.len();
    let others = listed.into_iter().filter(|other| *other != first.device);
    let others: Vec<Device> = others.take(count as usize - 1).collect();
    if others.len() + 1 < count as usize {
        bail!("--gpus {count} asks for more GPUs than there are: {present}");
    }
    Ok(others)
}

fn best() -> Chosen {
    let mut missing = Vec::new();
    for open in [open_cuda, || open_wgpu(Software::Refused)] {
        match open() {
            Ok(found) => {
                missing.push("the best one present".to_owned());
                return chosen(found, missing.join("; "));
            }
            Err(why) => missing.push(why),
        }
    }
    chosen(cpu(), missing.join("; "))
}

fn chosen((device, name): (Device, String), reason: String) -> Chosen {
    Chosen {
        device,
        name,
        reason,
    }
}

fn cpu() -> (Device, String) {
    let threads = rayon::current_num_threads();
    (Device::flex(), format!("CPU ({threads} threads)"))
}

/// Whether an adapter that computes on the CPU (Mesa's lavapipe) counts as a GPU. It is several
/// times slower than the CPU device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Software {
    Accepted,
    Refused,
}

/// The first CUDA device. Listing devices looks for the driver before it calls it. Kernels are
/// compiled from CUDA C++ when they are first used, which takes NVRTC and the toolkit's headers:
/// many machines have a driver and no toolkit.
#[cfg(feature = "cuda")]
fn open_cuda() -> Found {
    if cuda_devices().is_empty() {
        return Err("no NVIDIA driver with a GPU was found".to_owned());
    }
    let headers = cubecl_cuda::install::cuda_path().map(|path| path.join("include/cuda_fp16.h"));
    if !headers.is_some_and(|header| header.is_file()) {
        return Err("no CUDA toolkit was found (set CUDA_PATH to its folder)".to_owned());
    }
    attempt::checked("CUDA", || Ok(Device::cuda(0)))
}

/// The CUDA devices present.
#[cfg(feature = "cuda")]
fn cuda_devices() -> Vec<Device> {
    let listed = || Ok(Device::enumerate(burn::tensor::DeviceType::Cuda).into_vec());
    attempt::quietly(listed).unwrap_or_default()
}

#[cfg(not(feature = "cuda"))]
fn cuda_devices() -> Vec<Device> {
    Vec::new()
}

#[cfg(not(feature = "cuda"))]
fn open_cuda() -> Found {
    Err("CUDA is not built in".to_owned())
}

/// The best adapter that wgpu finds: a discrete GPU, else an integrated, else a virtual one.
#[cfg(feature = "wgpu")]
fn open_wgpu(software: Software) -> Found {
    use burn::tensor::{DeviceKind as Kind, DeviceType};

    let listed = || Ok(Device::enumerate(DeviceType::Wgpu).into_vec());
    let adapters = attempt::quietly(listed).unwrap_or_default();
    let mut kinds = vec![
        Kind::DiscreteGpu(0),
        Kind::IntegratedGpu(0),
        Kind::VirtualGpu(0),
    ];
    if software == Software::Accepted {
        kinds.push(Kind::Cpu);
    }
    kinds.retain(|kind| adapters.contains(&Device::wgpu(kind.clone())));
    match kinds.into_iter().next() {
        Some(kind) => attempt::checked("wgpu", || {
            let options = Device::wgpu_options().device_kind(kind);
            options.init().map_err(|error| error.to_string())
        }),
        None if adapters.is_empty() => Err("no graphics driver was found".to_owned()),
        None => Err("the only graphics driver is software, slower than the CPU".to_owned()),
    }
}

#[cfg(not(feature = "wgpu"))]
fn open_wgpu(_: Software) -> Found {
    Err("wgpu is not built in".to_owned())
}

/// Trying a driver out. The libraries beneath panic where a driver is too old, a library is
/// missing or a kernel does not compile; here that is an answer and not a fault.
#[cfg(any(feature = "cuda", feature = "wgpu"))]
mod attempt {
    use std::any::Any;
    use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

    use burn::tensor::{Device, Tensor};

    use super::Found;
    use crate::panics::message;

    /// Opens a device and computes one small result on it.
    pub(super) fn checked(interface: &str, open: impl FnOnce() -> Result<Device, String>) -> Found {
        quietly(|| {
            let device = open()?;
            compute(&device)?;
            let part = device
                .identity()
                .map_or_else(|| "GPU".to_owned(), |part| part.name);
            Ok((device, format!("{part} ({interface})")))
        })
        .map_err(|error| {
            let line = error.lines().next().unwrap_or_default();
            format!("{interface} failed its first computation: {line}")
        })
    }

    /// Runs `action` with a panic turned into an error and its message kept off the terminal.
    pub(super) fn quietly<T>(action: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        let hook = take_hook();
        set_hook(Box::new(|_| {}));
        let outcome = catch_unwind(AssertUnwindSafe(action));
        set_hook(hook);
        outcome.unwrap_or_else(|panic| Err(first_line(panic.as_ref())))
    }

    fn compute(device: &Device) -> Result<(), String> {
        let doubled = Tensor::<1>::ones([64], device).mul_scalar(2.0);
        let data = doubled
            .try_into_data_as::<f32>()
            .map_err(|error| error.to_string())?;
        match data.as_slice::<f32>() {
            Ok(values) if values == [2.0; 64] => Ok(()),
            _ => Err("2 x 1 did not come out as 2".to_owned()),
        }
    }

    fn first_line(panic: &(dyn Any + Send)) -> String {
        let text = message(panic).unwrap_or("it stopped without a message");
        text.trim().lines().next().unwrap_or_default().to_owned()
    }
}

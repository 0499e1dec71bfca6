//! The choice of a device, and why.

use burn::tensor::Device;
use js_sys::Reflect;
use protocol::{DeviceChoice, DeviceReport};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{GpuAdapter, GpuAdapterInfo, GpuRequestAdapterOptions};

use super::post::scope;
use super::trouble;

/// Beyond this a CPU run would exhaust the four gigabytes that a wasm module can address: about a
/// dozen tensors of the largest size are alive at once.
const CPU_BUFFER: u64 = 256 << 20;

/// Names under which software adapters present themselves.
const SOFTWARE: [&str; 4] = ["swiftshader", "llvmpipe", "lavapipe", "basic render"];

/// The browser's adapter, as far as it tells.
struct Adapter {
    name: String,
    software: bool,
}

/// Opens a device. There is always the CPU, so this cannot fail; the report says why it was
/// taken. To be called once: a GPU can be opened only once in a worker's life.
pub(crate) async fn open(choice: DeviceChoice) -> (Device, DeviceReport) {
    match choice {
        DeviceChoice::Cpu => cpu("The CPU was asked for."),
        DeviceChoice::Auto | DeviceChoice::Gpu => match adapter().await {
            Err(reason) => cpu(&reason),
            Ok(adapter) if adapter.software && choice == DeviceChoice::Auto => {
                let name = adapter.name;
                cpu(&format!(
                    "WebGPU runs only in software here ({name}), slower than the CPU."
                ))
            }
            Ok(adapter) => match gpu(adapter).await {
                Ok(opened) => opened,
                Err(error) => cpu(&format!("The GPU could not be opened ({error}).")),
            },
        },
    }
}

fn cpu(reason: &str) -> (Device, DeviceReport) {
    let report = DeviceReport {
        gpu: false,
        name: "CPU".into(),
        reason: reason.into(),
        precision: "f32".into(),
        max_buffer: CPU_BUFFER,
    };
    (Device::flex(), report)
}

async fn gpu(
    adapter: Adapter,
) -> Result<(Device, DeviceReport), burn::tensor::wgpu::WgpuInitError> {
    let (device, setup) = Device::wgpu_options().init_with_setup_async().await?;
    trouble::watch(&setup);
    let limits = setup.device.limits();
    let reason = if adapter.software {
        "WebGPU was asked for; it runs in software here."
    } else {
        "WebGPU is available."
    };
    let report = DeviceReport {
        gpu: true,
        name: adapter.name,
        reason: reason.into(),
        precision: "f32".into(),
        max_buffer: limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size),
    };
    Ok((device, report))
}

/// Asks for the adapter that Burn will get too, which does not tell its name.
async fn adapter() -> Result<Adapter, String> {
    let gpu = scope().navigator().gpu();
    if gpu.is_undefined() {
        return Err("This browser has no WebGPU.".into());
    }
    let options = GpuRequestAdapterOptions::new();
    // By name: wgpu exports the enum of these names too, and wasm-bindgen takes only one.
    let preferred = Reflect::set(
        &options,
        &"powerPreference".into(),
        &"high-performance".into(),
    );
    debug_assert!(preferred.is_ok(), "a plain object takes any property");
    let adapter = JsFuture::from(gpu.request_adapter_with_options(&options)).await;
    let adapter = adapter.map_or(JsValue::NULL, JsValue::from);
    if adapter.is_null() || adapter.is_undefined() {
        return Err("This browser has WebGPU but offers no GPU.".into());
    }
    Ok(describe(&adapter.unchecked_into()))
}

fn describe(adapter: &GpuAdapter) -> Adapter {
    let info = adapter.info();
    if info.is_undefined() {
        let name = "GPU".into();
        return Adapter {
            name,
            software: false,
        };
    }
    let name = name(&info);
    let lower = name.to_lowercase();
    let software = info.is_fallback_adapter() || SOFTWARE.iter().any(|s| lower.contains(s));
    Adapter { name, software }
}

/// The description where the browser gives one, else vendor and architecture.
fn name(info: &GpuAdapterInfo) -> String {
    let part = |key: &str| {
        Reflect::get(info, &key.into())
            .ok()
            .and_then(|v| v.as_string())
    };
    let parts = ["description", "vendor", "architecture"].map(|key| part(key).unwrap_or_default());
    let [description, vendor, architecture] = parts;
    match (description.is_empty(), vendor.is_empty()) {
        (false, _) => description,
        (true, false) => format!("{vendor} {architecture}").trim_end().to_owned(),
        (true, true) => "GPU".into(),
    }
}

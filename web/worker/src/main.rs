//! The worker: runs the autoencoder off the page's thread, on WebGPU or on the CPU.
//!
//! What a job computes (`codec`, `encode`, `decode`) knows Burn but no browser, so it is
//! tested natively; `browser` is the rest: messages, devices, weights. On any other target the
//! program is empty, so that the workspace builds as a whole.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(any(target_arch = "wasm32", test))]
mod budget;
#[cfg(any(target_arch = "wasm32", test))]
mod codec;
#[cfg(any(target_arch = "wasm32", test))]
mod decode;
#[cfg(any(target_arch = "wasm32", test))]
mod encode;
#[cfg(any(target_arch = "wasm32", test))]
mod failure;
#[cfg(any(target_arch = "wasm32", test))]
mod latent;
#[cfg(test)]
mod tests;

fn main() {
    #[cfg(target_arch = "wasm32")]
    browser::start();
}

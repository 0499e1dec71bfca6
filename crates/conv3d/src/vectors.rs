//! Which vector instructions loops are compiled for.

use pulp::WithSimd;

/// Runs an operation with the widest vectors that the processor has; in a browser with those that
/// every engine has. (Pulp would choose there too, but a module that so much as holds a relaxed
/// instruction is refused by WebKit.)
#[derive(Clone, Copy)]
pub(crate) struct Vectors {
    #[cfg(not(target_arch = "wasm32"))]
    arch: pulp::Arch,
}

impl Vectors {
    /// Asks the processor.
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(not(target_arch = "wasm32"))]
            arch: pulp::Arch::new(),
        }
    }

    /// Runs an operation.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn dispatch<W: WithSimd>(self, operation: W) -> W::Output {
        self.arch.dispatch(operation)
    }

    /// Runs an operation. The whole module is compiled with these instructions (.cargo/config.toml).
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn dispatch<W: WithSimd>(self, operation: W) -> W::Output {
        match pulp::wasm::Simd128::try_new() {
            Some(simd) => operation.with_simd(simd),
            None => operation.with_simd(pulp::Scalar),
        }
    }
}

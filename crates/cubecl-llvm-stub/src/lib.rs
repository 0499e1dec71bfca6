//! Stands in for `cubecl-llvm` 0.11.3, whose build script downloads an LLVM bundle.
//!
//! `cubecl-cuda` links that crate always, but with its feature `cpp`, which the trainer switches
//! on, NVRTC compiles every kernel and LLVM is never called. So this crate has the names that
//! `cubecl-cuda` mentions and nothing behind them; compiling is an error. It can go as soon as
//! `cubecl-cuda` makes LLVM optional, and its version must follow `cubecl-cuda`'s.

#![cfg(feature = "nvptx")]

use core::ffi::c_char;

use cubecl_core::{ir::nvidia::SmArch, prelude::KernelDefinition};
use cubecl_environment::backtrace::BackTrace;
use cubecl_server::{compiler::CompilationError, kernel::BufferIOAttr};

/// What the compiler would compile for.
#[derive(Clone, Copy, Debug)]
pub enum LlvmTarget {
    /// NVIDIA's PTX.
    Nvptx,
}

/// The compiler that is not here.
#[derive(Clone, Debug)]
pub struct PlironCompiler {
    /// What it would compile for.
    pub target: LlvmTarget,
}

/// What `cubecl-cuda` passes to the compiler.
#[derive(Clone, Debug, Default)]
pub struct PlironOptions {
    /// An AMD architecture: never given by CUDA.
    pub arch: Option<()>,
    /// The NVIDIA architecture.
    pub sm_arch: Option<SmArch>,
    /// The PTX version to emit.
    pub ptx_version: Option<nvptx::ptx_version::PtxVersion>,
    /// Whether scalars travel in the kernel's parameters.
    pub grid_constants: bool,
}

/// A compiled PTX module; none is ever made.
#[derive(Clone, Debug)]
pub struct NvptxModule {
    /// PTX text, ending in NUL.
    pub ptx: Vec<c_char>,
    /// Its intermediate form, for logs.
    pub ir: String,
    /// Shared memory of a launch, in bytes.
    pub shared_memory_size: usize,
    /// How each buffer is used.
    pub io: Vec<BufferIOAttr>,
}

/// What the compiler would return.
#[derive(Clone, Debug)]
pub enum PlironArtifact {
    /// A PTX module.
    NvptxCode(NvptxModule),
}

impl PlironCompiler {
    /// Refuses the kernel.
    ///
    /// # Errors
    /// Always: [`CompilationError::Generic`].
    pub fn compile(
        &mut self,
        _: KernelDefinition,
        _: &PlironOptions,
    ) -> Result<PlironArtifact, CompilationError> {
        Err(CompilationError::Generic {
            reason: "This build has no LLVM; switch on the feature `cpp` of cubecl-cuda.".into(),
            backtrace: BackTrace::capture(),
        })
    }

    /// The language's name in logs.
    pub fn lang_tag(&self) -> &'static str {
        "ll"
    }
}

/// NVIDIA's PTX.
pub mod nvptx {
    /// Which PTX a driver loads.
    pub mod ptx_version {
        /// A PTX version; without a compiler there is none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum PtxVersion {}

        impl PtxVersion {
            /// The newest version that a driver loads: none.
            pub fn for_driver(_driver: i32) -> Option<Self> {
                None
            }
        }

        impl core::fmt::Display for PtxVersion {
            fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match *self {}
            }
        }
    }
}

/// Parts of the compiler that serve every target.
pub mod shared {
    /// Which features survive LLVM.
    pub mod lowered_features {
        /// The target that a device's features are narrowed for.
        #[derive(Clone, Copy, Debug)]
        pub enum GpuTarget {
            /// NVIDIA's PTX.
            Nvptx,
        }

        /// Leaves the features as they are: only NVRTC compiles here.
        pub fn restrict_features(_: &mut cubecl_core::ir::DeviceProperties, _: GpuTarget) {}
    }
}

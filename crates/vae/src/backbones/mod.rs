//! The backbones. Each is a folder that says everything of itself ([`Describe`], [`Network`]) and a
//! line of the list below.

mod describe;
mod iv;
mod lean;
mod taehv;
mod wan;
mod wf;

use std::ops::Deref;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde_json::Value;

use crate::coding::{Decoding, Encoding};
use crate::config_error::ConfigError;
use crate::file_shapes::FileShapes;
use crate::last_layer::LastLayer;
use crate::pass::Pass;
use crate::shared::{Defaults, Shared};

pub(crate) use describe::Network;
use describe::{Describe, Family};

pub use lean::lean_patches;

/// Makes the two enums of all backbones, and what must know them all.
macro_rules! backbones {
    ($($name:ident: $config:path, $network:path;)+) => {
        /// A backbone's part of a config.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum BackboneConfig {
            $($name($config),)+
        }

        /// A backbone with its weights.
        #[derive(Module, Debug)]
        #[allow(
            clippy::large_enum_variant,
            reason = "there are few models at a time, and each holds megabytes elsewhere"
        )]
        pub(crate) enum Backbone {
            $($name($network),)+
        }

        impl BackboneConfig {
            /// The backbone of a class, from the whole JSON, and what the class takes for granted.
            pub(crate) fn read(class: &str, text: &str) -> Result<(Self, Defaults), ConfigError> {
                $(if <$config>::CLASSES.contains(&class) {
                    let (config, defaults) = <$config as Family>::read(class, text)?;
                    return Ok((Self::$name(config), defaults));
                })+
                let classes = [$(<$config>::CLASSES),+].concat();
                Err(ConfigError::unknown_class(class, &classes))
            }

            /// The family of a weight file, and a config that suits it.
            pub(crate) fn recognise(file: &FileShapes) -> Option<(&'static str, Value)> {
                $(if let Some(json) = <$config as Family>::recognise(file) {
                    return Some((<$config>::NAME, json));
                })+
                None
            }
        }

        impl Deref for BackboneConfig {
            type Target = dyn Describe;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$name(config) => config,)+
                }
            }
        }

        impl Backbone {
            pub(crate) fn new(shared: &Shared, config: &BackboneConfig, device: &Device) -> Self {
                match config {
                    $(BackboneConfig::$name(config) => {
                        Self::$name(<$network>::new(shared, config, device))
                    })+
                }
            }

            fn network(&self) -> &dyn Network {
                match self {
                    $(Self::$name(network) => network,)+
                }
            }
        }
    };
}

// A weight file is asked of each in this order.
backbones! {
    Lean: lean::LeanConfig, lean::Lean;
    Iv: iv::IvConfig, iv::Iv;
    Wan: wan::WanConfig, wan::Wan;
    Taehv: taehv::TaehvConfig, taehv::Taehv;
    Wf: wf::WfConfig, wf::Wf;
}

impl Network for Backbone {
    fn encode(&self, clip: Tensor<5>, pass: &mut Pass) -> Encoding {
        self.network().encode(clip, pass)
    }

    fn decode(&self, latent: Tensor<5>, pass: &mut Pass) -> Decoding {
        self.network().decode(latent, pass)
    }

    fn decode_with_last_layer(
        &self,
        latent: Tensor<5>,
        pass: &mut Pass,
    ) -> (Decoding, Option<LastLayer>) {
        self.network().decode_with_last_layer(latent, pass)
    }
}

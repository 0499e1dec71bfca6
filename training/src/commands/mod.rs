//! The commands beside `train`.

mod analyse;
mod bench;
mod check;
mod codec;
mod cost;
mod evaluate;
mod footage;
mod import;
mod index;
mod latent_file;
mod perceptual;
mod publish;
mod reconstruct;
mod score;
mod strongest;
mod tensors;

pub(crate) use analyse::analyse;
pub(crate) use bench::bench;
pub(crate) use check::check;
pub(crate) use codec::{decode, encode};
pub(crate) use cost::cost;
pub(crate) use evaluate::{FvdMode, Protocol, evaluate};
pub(crate) use import::import;
pub(crate) use index::index;
pub(crate) use perceptual::{read_backbone, with_heads};
pub(crate) use publish::publish;
pub(crate) use reconstruct::reconstruct;
pub(crate) use score::{ClipScore, compare, mean};
pub(crate) use tensors::tensors;

pub(crate) use crate::report::report;
pub(crate) use crate::train::run as train;

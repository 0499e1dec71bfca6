//! The commands beside `train`.

mod codec;
mod cost;
mod evaluate;
mod perceptual;
mod publish;
mod reconstruct;
mod score;
mod tensors;

pub(crate) use codec::{decode, encode};
pub(crate) use cost::cost;
pub(crate) use evaluate::evaluate;
pub(crate) use publish::publish;
pub(crate) use reconstruct::reconstruct;
pub(crate) use score::{ClipScore, compare, mean};
pub(crate) use tensors::tensors;

pub(crate) use crate::report::report;
pub(crate) use crate::train::run as train;

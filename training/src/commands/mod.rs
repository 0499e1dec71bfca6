//! The commands beside `train` and `report`. Each file owns its command's arguments.

pub(crate) mod analyse;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod cost;
mod cut_args;
pub(crate) mod encode_decode;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod index;
mod model_args;
mod provenance;
pub(crate) mod publish;
pub(crate) mod reconstruct;
mod refuse_overwriting;
mod size_args;
pub(crate) mod tensors;
mod values;
mod written_size;

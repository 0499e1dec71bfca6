//! The tensors of a latent file.
//!
//! `latent` `[1, C, T', H', W']` is the latent as the decoder gets it. Where coefficients are dropped
//! and that is less, there are only the kept ones, `compact` `[1, K, T'/8, H'/2, W'/2]`, and the frames
//! that are not compressed as they are: `before` those that are, and `after`. Every shot is stored in
//! one way or the other; in a tensor the shots follow one another in time.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor};
use clips::Extent;
use safetensors::SafeTensors;
use vae::{Autoencoder, CompactLatent, GROUP, Shot};
use wavelet::Mask;

use crate::codec::Codec;
use crate::tensor_file::from_file;

const LATENT: &str = "latent";
const COMPACT: &str = "compact";
const BEFORE: &str = "before";
const AFTER: &str = "after";
const TIME: usize = 2;

/// What is stored of a latent of these shots.
///
/// # Errors
/// If the mask is for other latents.
pub fn tensors(
    model: &Autoencoder,
    latent: Tensor<5>,
    shots: &[Shot],
    mask: &Mask,
) -> Result<Vec<(&'static str, Tensor<5>)>> {
    let mut all = [LATENT, COMPACT, BEFORE, AFTER].map(|name| (name, Vec::new()));
    for shot in shots {
        let own = latent.clone().slice_dim(TIME, shot.latents.clone());
        let parts = if model.config().is_compacted(shot.latents.len(), mask) {
            let stored = model.compact(own, mask)?;
            [None, Some(stored.kept), stored.before, stored.after]
        } else {
            [Some(model.restore(own, mask)?), None, None, None]
        };
        for ((_, known), part) in all.iter_mut().zip(parts) {
            known.extend(part);
        }
    }
    let used = all.into_iter().filter(|(_, parts)| !parts.is_empty());
    Ok(used.map(|(name, x)| (name, Tensor::cat(x, TIME))).collect())
}

/// The latent in a file, of a clip of this extent and these shots, as the decoder gets it.
///
/// # Errors
/// If the file lacks a tensor, or one does not fit the clip.
pub fn latent(
    codec: &Codec,
    file: &SafeTensors<'_>,
    shots: &[Shot],
    extent: Extent,
    mask: &Mask,
) -> Result<Tensor<5>> {
    let config = codec.model.config();
    let frame = codec.latent_frame(extent);
    let [_, height, width] = frame;
    let kept = [mask.kept_count(), height / 2, width / 2];
    let mut reader = Reader {
        file,
        device: &codec.device,
        read: BTreeMap::new(),
    };
    let mut latents = Vec::new();
    for shot in shots {
        let count = shot.latents.len();
        if !config.is_compacted(count, mask) {
            latents.extend(reader.next(LATENT, frame, count)?);
            continue;
        }
        let compressed = config.compressed_frames(count);
        let groups = compressed.len().div_ceil(GROUP);
        let stored = CompactLatent {
            before: reader.next(BEFORE, frame, compressed.start)?,
            kept: reader
                .next(COMPACT, kept, groups)?
                .context("nothing is compressed")?,
            after: reader.next(AFTER, frame, count - compressed.end)?,
        };
        latents.push(codec.model.expand(stored, mask, count)?);
    }
    reader.finish()?;
    Ok(Tensor::cat(latents, TIME))
}

/// Takes what the shots have in each tensor, one shot after another.
struct Reader<'a> {
    file: &'a SafeTensors<'a>,
    device: &'a Device,
    /// Tensors, and how many of their frames are taken.
    read: BTreeMap<&'static str, (Tensor<5>, usize)>,
}

impl Reader<'_> {
    /// The next frames of a tensor, `[1, C, count, H', W']`; nothing if there are to be none.
    fn next(
        &mut self,
        name: &'static str,
        [channels, height, width]: [usize; 3],
        count: usize,
    ) -> Result<Option<Tensor<5>>> {
        if count == 0 {
            return Ok(None);
        }
        let (tensor, taken) = match self.read.remove(name) {
            Some(known) => known,
            None => (from_file(self.file, name, self.device)?, 0),
        };
        let [batch, c, frames, h, w] = tensor.dims();
        ensure!(
            [batch, c, h, w] == [1, channels, height, width] && taken + count <= frames,
            "`{name}` is {:?} and does not fit the clip",
            tensor.dims()
        );
        let part = tensor.clone().narrow(TIME, taken, count);
        self.read.insert(name, (tensor, taken + count));
        Ok(Some(part))
    }

    /// Refuses a file that has more than the clip needs.
    fn finish(self) -> Result<()> {
        for (name, (tensor, taken)) in self.read {
            let frames = tensor.dims()[TIME];
            ensure!(
                taken == frames,
                "`{name}` has {frames} frames where the clip has {taken}"
            );
        }
        Ok(())
    }
}

//! One run through a backbone: its temporal rule and, in a stream, the state between chunks.

use std::collections::HashMap;

use burn::module::ParamId;
use burn::tensor::Tensor;

const TIME: usize = 2;

/// How a backbone treats time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TemporalRule {
    /// A frame never sees later ones; the first frame stands apart (1 + 4k frames). WF-VAE, LeanVAE,
    /// Wan 2.1, IV-VAE.
    Causal,
    /// Zero padding on both sides, pairs from frame 0 on (multiples of 32). LC-VAE as released.
    Symmetric,
}

/// What layers remember between the chunks of a stream, under the identity of each layer.
#[derive(Debug, Default)]
pub(crate) struct StreamState {
    started: bool,
    /// Last input frames of convolutions.
    pub(crate) history: HashMap<ParamId, Tensor<5>>,
    /// Last input frame of temporal samplers.
    last_frame: HashMap<ParamId, Tensor<5>>,
}

/// Context of one forward pass. Source of the chunk rule: spec/wfvae.md 7.4.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    rule: TemporalRule,
    stream: Option<&'a mut StreamState>,
    /// Look-ahead frames at the current temporal resolution: fed to be interpolated towards, but
    /// not part of the chunk and so not to be remembered.
    look_ahead: usize,
}

impl<'a> Pass<'a> {
    /// A pass over a whole clip.
    pub(crate) fn whole(rule: TemporalRule) -> Self {
        Self {
            rule,
            stream: None,
            look_ahead: 0,
        }
    }

    /// A pass over the next chunk of a stream.
    pub(crate) fn chunk(rule: TemporalRule, state: &'a mut StreamState, look_ahead: usize) -> Self {
        Self {
            rule,
            stream: Some(state),
            look_ahead,
        }
    }

    pub(crate) fn rule(&self) -> TemporalRule {
        self.rule
    }

    /// Whether this pass begins at the first frame of the clip.
    pub(crate) fn is_first(&self) -> bool {
        self.stream.as_ref().is_none_or(|s| !s.started)
    }

    /// A clip without the frames at its end that do not fill a latent frame of `step` frames.
    pub(crate) fn trimmed(&self, clip: Tensor<5>, step: usize) -> Tensor<5> {
        let apart = usize::from(self.is_first());
        let legal = apart + (clip.dims()[TIME] - apart) / step * step;
        clip.narrow(TIME, 0, legal)
    }

    /// `x` with `change` done to all frames but the clip's first, if this pass begins with it.
    pub(crate) fn behind_first(
        &mut self,
        x: Tensor<5>,
        change: impl FnOnce(Tensor<5>, &mut Self) -> Tensor<5>,
    ) -> Tensor<5> {
        if !self.is_first() {
            return change(x, self);
        }
        let rest = x.dims()[TIME] - 1;
        if rest == 0 {
            return x;
        }
        let first = x.clone().narrow(TIME, 0, 1);
        let rest = change(x.narrow(TIME, 1, rest), self);
        Tensor::cat(vec![first, rest], TIME)
    }

    /// Marks the chunk as done.
    pub(crate) fn finish(self) {
        if let Some(stream) = self.stream {
            stream.started = true;
        }
    }

    /// `x` with the `kernel - 1` (at the start) or `kernel - stride` (later) frames in front that
    /// a causal convolution needs.
    pub(crate) fn with_history(
        &mut self,
        layer: ParamId,
        x: Tensor<5>,
        kernel: usize,
        stride: usize,
    ) -> Tensor<5> {
        let remembered = self.stream.as_mut().and_then(|s| s.history.remove(&layer));
        let history = remembered.unwrap_or_else(|| {
            let first = x.clone().narrow(TIME, 0, 1);
            first.repeat_dim(TIME, kernel - 1)
        });
        let padded = Tensor::cat(vec![history, x], TIME);
        if let Some(stream) = self.stream.as_mut() {
            let end = padded.dims()[TIME] - self.look_ahead;
            let keep = kernel - stride;
            let tail = padded.clone().narrow(TIME, end - keep, keep);
            stream.history.insert(layer, tail);
        }
        padded
    }

    /// `x` behind the `count` frames before it, or zeros at the start; `time` is the axis of frames.
    ///
    /// # Shapes
    /// That axis grows by `count`. Source: spec/leanvae.md 7, spec/wanvae.md 3.
    pub(crate) fn after_zeros(
        &mut self,
        layer: ParamId,
        x: Tensor<5>,
        time: usize,
        count: usize,
    ) -> Tensor<5> {
        let mut before = x.dims();
        let frames = std::mem::replace(&mut before[time], count);
        let remembered = self.stream.as_mut().and_then(|s| s.history.remove(&layer));
        let history = remembered.unwrap_or_else(|| Tensor::zeros(before, (&x.device(), x.dtype())));
        let whole = Tensor::cat(vec![history, x], time);
        if let Some(stream) = self.stream.as_mut() {
            let tail = whole.clone().narrow(time, frames, count);
            stream.history.insert(layer, tail);
        }
        whole
    }

    /// The last frame of `x` in the chunk before this one, `None` in the first; remembers this
    /// chunk's.
    pub(crate) fn previous_frame(&mut self, layer: ParamId, x: &Tensor<5>) -> Option<Tensor<5>> {
        let stream = self.stream.as_mut()?;
        let last = x.clone().narrow(TIME, x.dims()[TIME] - 1, 1);
        stream.last_frame.insert(layer, last)
    }

    /// Remembers the chunk's last frame of `x` for an up-sampler and gives back the one before.
    /// The clip's very first frame stands apart and is not remembered.
    pub(crate) fn swap_last_frame(&mut self, layer: ParamId, x: &Tensor<5>) -> Option<Tensor<5>> {
        let frames = x.dims()[TIME];
        let apart = self.is_first() && frames == 1;
        let look_ahead = self.look_ahead;
        let stream = self.stream.as_mut()?;
        let previous = stream.last_frame.remove(&layer);
        if !apart {
            let last = x.clone().narrow(TIME, frames - 1 - look_ahead, 1);
            stream.last_frame.insert(layer, last);
        }
        previous
    }

    /// After a temporal up-sampling every look-ahead frame has become two.
    pub(crate) fn double_look_ahead(&mut self) {
        self.look_ahead *= 2;
    }
}

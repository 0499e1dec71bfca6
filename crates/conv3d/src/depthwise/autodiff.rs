//! The operation with gradients.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, Shape, TensorData, TensorMetadata};

use super::cpu::{CpuDepthwise, clips, size, tensor};
use super::kernel::{REACH, TAPS};
use super::products::products;
use super::taps::correlate;

/// The two gradients that cost something.
pub(crate) trait DepthwiseGradients: Backend {
    /// Gradient of the input from that of the output, `dy`.
    fn depthwise_dx(dy: FloatTensor<Self>, taps: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Gradient of the taps, `[27, C]`.
    fn depthwise_dw(x: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl DepthwiseGradients for Flex {
    fn depthwise_dx(dy: FloatTensor<Self>, taps: FloatTensor<Self>) -> FloatTensor<Self> {
        let (dy, taps) = (dy.to_contiguous(), taps.to_contiguous());
        let size = size(&dy);
        let [frames, height, width, channels] = size;
        let rows = taps.storage::<f32>().chunks_exact(channels);
        let turned: Vec<f32> = rows.rev().flatten().copied().collect();
        let before = REACH - 1;
        let whole = frames + before;
        let output = clips(&dy, size).map(|dy| correlate(dy, size, &turned, &[], (whole, before)));
        tensor(output.collect(), [whole, height, width, channels])
    }

    fn depthwise_dw(x: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        let (x, dy) = (x.to_contiguous(), dy.to_contiguous());
        let (inner, outer) = (size(&x), size(&dy));
        let channels = inner[3];
        let mut sums = vec![0.0; TAPS * channels];
        for (x, dy) in clips(&x, inner).zip(clips(&dy, outer)) {
            let part = products(x, inner, dy);
            sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
        Self::float_from_data(TensorData::new(sums, [TAPS, channels]), &Default::default())
    }
}

#[derive(Debug)]
struct DepthwiseBackward;

impl<B: DepthwiseGradients> Backward<B, 3> for DepthwiseBackward {
    /// The input and the taps.
    type State = [NodeId; 2];

    fn backward(
        self,
        ops: Ops<[NodeId; 2], 3>,
        gradients: &mut Gradients,
        kept: &mut Checkpointer,
    ) {
        let [node_x, node_taps, node_bias] = ops.parents;
        let dy = gradients.consume::<B>(&ops.node);
        // Taken whether needed or not: the checkpointer counts how often each is asked for.
        let [x, taps] = ops
            .state
            .map(|node| kept.retrieve_node_output::<FloatTensor<B>>(node));
        if let Some(node) = node_x {
            gradients.register::<B>(node.id, B::depthwise_dx(dy.clone(), taps));
        }
        if let Some(node) = node_taps {
            gradients.register::<B>(node.id, B::depthwise_dw(x, dy.clone()));
        }
        if let Some(node) = node_bias {
            let channels = dy.shape()[4];
            let db = [0, 1, 2, 3].into_iter().fold(dy, B::float_sum_dim);
            gradients.register::<B>(node.id, B::float_reshape(db, Shape::new([channels])));
        }
    }
}

impl<B: CpuDepthwise + DepthwiseGradients, C: CheckpointStrategy> CpuDepthwise for Autodiff<B, C> {
    fn depthwise_cpu(
        x: FloatTensor<Self>,
        taps: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), taps.node(), bias.node()];
        match DepthwiseBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prepared) => {
                let state = [prepared.checkpoint(&x), prepared.checkpoint(&taps)];
                let output = B::depthwise_cpu(
                    x.into_primitive(),
                    taps.into_primitive(),
                    bias.into_primitive(),
                );
                prepared.finish(state, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::depthwise_cpu(
                x.into_primitive(),
                taps.into_primitive(),
                bias.into_primitive(),
            )),
        }
    }
}

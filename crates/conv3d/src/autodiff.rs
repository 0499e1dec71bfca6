//! The operation with gradients.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Shape, TensorMetadata};

use crate::cpu::CpuConv3d;
use crate::gradients::Conv3dGradients;

#[derive(Debug)]
struct Conv3dBackward;

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct State {
    x: NodeId,
    weight: NodeId,
    kernel: [usize; 3],
    padding: [usize; 3],
}

impl<B: Conv3dGradients> Backward<B, 3> for Conv3dBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, gradients: &mut Gradients, kept: &mut Checkpointer) {
        let [node_x, node_weight, node_bias] = ops.parents;
        let state = ops.state;
        let dy = gradients.consume::<B>(&ops.node);
        // Taken whether needed or not: the checkpointer counts how often each is asked for.
        let x = kept.retrieve_node_output::<FloatTensor<B>>(state.x);
        let weight = kept.retrieve_node_output::<FloatTensor<B>>(state.weight);
        if let Some(node) = node_x {
            let dx = B::conv3d_dx(dy.clone(), weight, state.padding);
            gradients.register::<B>(node.id, dx);
        }
        if let Some(node) = node_weight {
            let dw = B::conv3d_dw(x, dy.clone(), state.kernel, state.padding);
            gradients.register::<B>(node.id, dw);
        }
        if let Some(node) = node_bias {
            let channels = dy.shape()[1];
            let db = [0, 2, 3, 4].into_iter().fold(dy, B::float_sum_dim);
            gradients.register::<B>(node.id, B::float_reshape(db, Shape::new([channels])));
        }
    }
}

impl<B: CpuConv3d + Conv3dGradients, C: CheckpointStrategy> CpuConv3d for Autodiff<B, C> {
    fn conv3d_cpu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: [usize; 3],
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        match Conv3dBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prepared) => {
                let shape = weight.shape();
                let state = State {
                    x: prepared.checkpoint(&x),
                    weight: prepared.checkpoint(&weight),
                    kernel: [shape[2], shape[3], shape[4]],
                    padding,
                };
                let output = B::conv3d_cpu(
                    x.into_primitive(),
                    weight.into_primitive(),
                    bias.into_primitive(),
                    padding,
                );
                prepared.finish(state, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::conv3d_cpu(
                x.into_primitive(),
                weight.into_primitive(),
                bias.into_primitive(),
                padding,
            )),
        }
    }
}

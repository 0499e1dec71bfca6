//! The operation with gradients.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex};

use super::cpu::{CpuGate, gradient};

/// The gradient, which has a backend's own numbers to work on.
pub(crate) trait GateGradient: Backend {
    /// Gradient of the input from that of the output, `dy`.
    fn gated_gelu_dx(x: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl GateGradient for Flex {
    fn gated_gelu_dx(x: FloatTensor<Self>, dy: FloatTensor<Self>) -> FloatTensor<Self> {
        gradient(x, dy)
    }
}

#[derive(Debug)]
struct GateBackward;

impl<B: GateGradient> Backward<B, 1> for GateBackward {
    /// The input.
    type State = NodeId;

    fn backward(self, ops: Ops<NodeId, 1>, gradients: &mut Gradients, kept: &mut Checkpointer) {
        let dy = gradients.consume::<B>(&ops.node);
        // Taken whether needed or not: the checkpointer counts how often each is asked for.
        let x = kept.retrieve_node_output::<FloatTensor<B>>(ops.state);
        let [node] = ops.parents;
        if let Some(node) = node {
            gradients.register::<B>(node.id, B::gated_gelu_dx(x, dy));
        }
    }
}

impl<B: CpuGate + GateGradient, C: CheckpointStrategy> CpuGate for Autodiff<B, C> {
    fn gated_gelu_cpu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match GateBackward
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(mut prepared) => {
                let state = prepared.checkpoint(&x);
                prepared.finish(state, B::gated_gelu_cpu(x.into_primitive()))
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::gated_gelu_cpu(x.into_primitive())),
        }
    }
}

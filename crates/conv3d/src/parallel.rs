//! Work spread over threads where there are any; a browser's worker has one.

/// Runs `work` on every task.
pub(crate) fn for_each<T: Send>(tasks: Vec<T>, work: impl Fn(T) + Send + Sync) {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        tasks.into_par_iter().for_each(work);
    }
    #[cfg(target_arch = "wasm32")]
    tasks.into_iter().for_each(work);
}

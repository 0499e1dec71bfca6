//! Values that a config need not have, and whether it has them.

pub(super) fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(super) fn is_yes(value: &bool) -> bool {
    *value
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) fn one() -> u64 {
    1
}

pub(super) fn two() -> usize {
    2
}

pub(super) fn twenty() -> u64 {
    20
}

pub(super) fn is_one_batch(value: &u64) -> bool {
    *value == 1
}

pub(super) fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

pub(super) fn is_one(value: &f64) -> bool {
    *value == 1.0
}

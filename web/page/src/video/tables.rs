//! Whether the tables of an MP4 track can be trusted: the parser does, and would panic.

use re_mp4::StblBox;

/// More samples than this are a broken table: a day at 60 frames a second.
const MOST_SAMPLES: u32 = 5_200_000;

/// Whether every sample of a track has a size, a time and a place.
pub(crate) fn is_sound(tables: &StblBox) -> bool {
    let sizes = &tables.stsz;
    let count = match sizes.sample_size {
        0 => sizes.sample_sizes.len().max(sizes.sample_count as usize) as u64,
        _ => u64::from(sizes.sample_count),
    };
    if count == 0 {
        return true;
    }
    let sized = sizes.sample_size != 0 || sizes.sample_sizes.len() as u64 == count;
    let timed: u64 = tables
        .stts
        .entries
        .iter()
        .map(|e| u64::from(e.sample_count))
        .sum();
    let shifted = tables.ctts.as_ref().is_none_or(|ctts| {
        ctts.entries
            .iter()
            .map(|e| u64::from(e.sample_count))
            .sum::<u64>()
            >= count
    });
    let chunks = tables
        .stco
        .as_ref()
        .map(|stco| stco.entries.len())
        .or_else(|| tables.co64.as_ref().map(|co64| co64.entries.len()))
        .unwrap_or(0) as u64;
    count <= u64::from(MOST_SAMPLES)
        && sized
        && timed >= count
        && shifted
        && placed(tables, chunks) >= count
}

/// How many samples the chunks have room for.
fn placed(tables: &StblBox, chunks: u64) -> u64 {
    let runs = &tables.stsc.entries;
    let ends = runs
        .iter()
        .skip(1)
        .map(|run| u64::from(run.first_chunk))
        .chain([chunks + 1]);
    runs.iter()
        .zip(ends)
        .map(|(run, end)| {
            let length = end
                .min(chunks + 1)
                .saturating_sub(u64::from(run.first_chunk).max(1));
            length.saturating_mul(u64::from(run.samples_per_chunk))
        })
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use re_mp4::{StcoBox, StszBox};

    use super::*;

    /// Ten samples of four bytes in two chunks of five.
    fn sound() -> StblBox {
        let mut tables = StblBox {
            stsz: StszBox {
                sample_size: 4,
                sample_count: 10,
                ..StszBox::default()
            },
            stco: Some(StcoBox {
                entries: vec![0, 20],
                ..StcoBox::default()
            }),
            ..StblBox::default()
        };
        tables.stts.entries = vec![Default::default()];
        tables.stts.entries[0].sample_count = 10;
        tables.stsc.entries = vec![Default::default()];
        tables.stsc.entries[0].first_chunk = 1;
        tables.stsc.entries[0].samples_per_chunk = 5;
        tables
    }

    #[test]
    fn tables_that_fit_are_sound() {
        assert!(is_sound(&sound()));
        assert!(
            is_sound(&StblBox::default()),
            "fragmented files have empty tables"
        );
    }

    #[test]
    fn tables_that_lack_something_are_not() {
        let mut untimed = sound();
        untimed.stts.entries[0].sample_count = 9;
        let mut misplaced = sound();
        misplaced.stco = None;
        let mut crowded = sound();
        crowded.stsc.entries[0].samples_per_chunk = 4;
        let mut endless = sound();
        endless.stsz.sample_count = u32::MAX;
        for tables in [untimed, misplaced, crowded, endless] {
            assert!(!is_sound(&tables));
        }
    }
}

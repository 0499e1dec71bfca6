//! The one clock that all pictures follow, and how they are shown.

use leptos::prelude::*;

use crate::dom;
use crate::state::State;
use crate::video::times;

/// How the pictures are arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Arrangement {
    #[default]
    Side,
    Split,
    Difference,
}

/// One of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Original,
    Reconstruction,
    Zeroed,
}

impl Pane {
    /// From left to right.
    pub(crate) const ALL: [Self; 3] = [Self::Original, Self::Reconstruction, Self::Zeroed];
}

/// The clock and the arrangement.
#[derive(Clone, Copy)]
pub(crate) struct Player {
    pub(crate) frame: RwSignal<usize>,
    pub(crate) playing: RwSignal<bool>,
    pub(crate) looping: RwSignal<bool>,
    pub(crate) speed: RwSignal<f64>,
    /// Frames of the clip.
    pub(crate) frames: Memo<usize>,
    /// When each frame ends, in microseconds: not every file has an even rate.
    ends: Memo<Vec<i64>>,
    /// Which clock runs; an older one stops.
    clock: StoredValue<u32>,

    pub(crate) arrangement: RwSignal<Arrangement>,
    /// What is compared under the slider and in the difference.
    pub(crate) pair: RwSignal<(Pane, Pane)>,
    /// What is hidden side by side.
    pub(crate) hidden: RwSignal<Vec<Pane>>,
    /// Screen pixels for a pixel; 0 fits.
    pub(crate) zoom: RwSignal<u32>,
    pub(crate) smooth: RwSignal<bool>,
    /// How many times differences are amplified.
    pub(crate) gain: RwSignal<u32>,
    pub(crate) help: RwSignal<bool>,
    /// Whether single keys do something; who speaks to the computer may not want that.
    pub(crate) keys: RwSignal<bool>,
}

impl Player {
    pub(crate) fn new(state: State) -> Self {
        let player = Self {
            frame: RwSignal::new(0),
            playing: RwSignal::new(false),
            looping: RwSignal::new(true),
            speed: RwSignal::new(1.0),
            frames: Memo::new(move |_| {
                state
                    .footage
                    .with(|f| f.as_ref().map_or(0, |f| f.clip.frames()))
            }),
            ends: Memo::new(move |_| {
                state.footage.with(|f| {
                    f.as_ref()
                        .map_or_else(Vec::new, |f| times::ends(&f.times, f.rate))
                })
            }),
            clock: StoredValue::new(0),
            arrangement: RwSignal::default(),
            pair: RwSignal::new((Pane::Original, Pane::Reconstruction)),
            hidden: RwSignal::default(),
            zoom: RwSignal::new(0),
            smooth: RwSignal::new(true),
            gain: RwSignal::new(4),
            help: RwSignal::new(false),
            keys: RwSignal::new(true),
        };
        // A new clip plays at once, unless somebody asked for a calm screen.
        Effect::new(move |_| {
            let moves = state
                .footage
                .with(|f| f.as_ref().is_some_and(|f| f.clip.frames() > 1));
            player.frame.set(0);
            player.playing.set(moves && !prefers_calm());
        });
        Effect::new(move |_| {
            if player.playing.get() {
                player.run();
            }
        });
        player
    }

    pub(crate) fn toggle(self) {
        let at_end = self.frame.get_untracked() + 1 >= self.frames.get_untracked();
        if !self.playing.get_untracked() && at_end {
            self.frame.set(0);
        }
        self.playing.update(|playing| *playing = !*playing);
    }

    /// Stops at a frame.
    pub(crate) fn seek(self, frame: usize) {
        self.playing.set(false);
        self.frame
            .set(frame.min(self.frames.get_untracked().saturating_sub(1)));
    }

    /// Stops and goes some frames forwards or back, around the ends.
    pub(crate) fn step(self, by: isize) {
        let frames = self.frames.get_untracked().max(1) as isize;
        let next = (self.frame.get_untracked() as isize + by).rem_euclid(frames);
        self.seek(next as usize);
    }

    fn run(self) {
        let clock = self.clock.get_value().wrapping_add(1);
        self.clock.set_value(clock);
        let frame = self.frame.get_untracked();
        let start = self.ends.with_untracked(|ends| times::start(ends, frame));
        self.tick(clock, dom::now(), start as f64);
    }

    /// Waits for the next repaint, with the clip's time in microseconds.
    fn tick(self, clock: u32, last: f64, position: f64) {
        request_animation_frame(move || {
            if self.clock.get_value() != clock || !self.playing.get_untracked() {
                return;
            }
            let now = dom::now();
            let elapsed = (now - last).min(250.0) * 1000.0 * self.speed.get_untracked();
            if let Some(position) = self.show(position + elapsed) {
                self.tick(clock, now, position);
            }
        });
    }

    /// Shows the frame of a time and gives the time back, within the clip; stops at the end.
    fn show(self, position: f64) -> Option<f64> {
        let end = self.ends.with_untracked(|ends| ends.last().copied())?;
        let position = if position < end as f64 {
            position
        } else if self.looping.get_untracked() {
            position % end as f64
        } else {
            self.seek(usize::MAX);
            return None;
        };
        let frame = self
            .ends
            .with_untracked(|ends| times::frame_at(ends, position as i64));
        if frame != self.frame.get_untracked() {
            self.frame.set(frame);
        }
        Some(position)
    }
}

fn prefers_calm() -> bool {
    web_sys::window()
        .and_then(|window| {
            window
                .match_media("(prefers-reduced-motion: reduce)")
                .ok()?
        })
        .is_some_and(|query| query.matches())
}

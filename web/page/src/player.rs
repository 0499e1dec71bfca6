//! The one clock that all pictures follow, and how they are shown.

use leptos::prelude::*;

use crate::dom;
use crate::state::State;

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
    rate: Memo<f64>,
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
            rate: Memo::new(move |_| state.footage.with(|f| f.as_ref().map_or(25.0, |f| f.rate))),
            clock: StoredValue::new(0),
            arrangement: RwSignal::default(),
            pair: RwSignal::new((Pane::Original, Pane::Reconstruction)),
            hidden: RwSignal::default(),
            zoom: RwSignal::new(0),
            smooth: RwSignal::new(true),
            gain: RwSignal::new(4),
            help: RwSignal::new(false),
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
        self.tick(clock, dom::now(), 0.0);
    }

    /// Waits for the next repaint, with the fraction of a frame that has passed.
    fn tick(self, clock: u32, last: f64, passed: f64) {
        request_animation_frame(move || {
            if self.clock.get_value() != clock || !self.playing.get_untracked() {
                return;
            }
            let now = dom::now();
            let speed = self.rate.get_untracked() * self.speed.get_untracked();
            let passed = passed + (now - last).min(250.0) / 1000.0 * speed;
            self.advance(passed as usize);
            self.tick(clock, now, passed.fract());
        });
    }

    fn advance(self, by: usize) {
        let frames = self.frames.get_untracked();
        if by == 0 || frames == 0 {
            return;
        }
        let next = self.frame.get_untracked() + by;
        if next >= frames && !self.looping.get_untracked() {
            self.seek(frames - 1);
        } else {
            self.frame.set(next % frames);
        }
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

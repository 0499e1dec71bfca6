//! Questions to the worker and their answers, as async calls.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::ArrayBuffer;
use protocol::{Failure, Progress, Reply, ReplyBody, Request, RequestBody, wire};
use wasm_bindgen::prelude::{Closure, JsCast};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker};

use crate::dom;

/// Trunk writes this script beside the worker's module.
const SCRIPT: &str = "./worker_loader.js";

/// Milliseconds in which a worker must begin to listen. A module that fails while it loads tells
/// nobody, and a slow line needs some time for a few megabytes.
const PATIENCE: i32 = 120_000;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    #[error("{}", .0.message)]
    Failed(Failure),
    #[error(
        "The model's worker stopped unexpectedly ({0}). Run again, with a smaller size or on the CPU if it happens twice."
    )]
    Crashed(String),
    #[error("The model's worker gave an answer that does not fit the question. Reload the page.")]
    Confused,
    #[error("Stopped.")]
    Stopped,
}

/// An answer with the bulk data beside it.
pub(crate) struct Answer {
    pub(crate) body: ReplyBody,
    pub(crate) buffers: Vec<ArrayBuffer>,
}

type Result<T> = std::result::Result<T, WorkerError>;

struct Question {
    answer: oneshot::Sender<Result<Answer>>,
    progress: Rc<dyn Fn(Progress)>,
}

#[derive(Default)]
struct Post {
    questions: RefCell<HashMap<u32, Question>>,
    /// Those who wait for the worker to listen.
    sleepers: RefCell<Vec<oneshot::Sender<Result<()>>>>,
    awake: Cell<bool>,
    dead: RefCell<Option<WorkerError>>,
}

impl Post {
    fn deliver(&self, event: &MessageEvent) {
        let Ok((reply, buffers)) = wire::receive::<Reply>(event) else {
            return self.give_up(&WorkerError::Confused);
        };
        if !self.awake.replace(true) {
            for sleeper in self.sleepers.take() {
                // Whoever asked may have gone.
                let _ = sleeper.send(Ok(()));
            }
        }
        let answer = match reply.body {
            ReplyBody::Awake => return,
            ReplyBody::Progress(progress) => return self.report(reply.id, progress),
            ReplyBody::Failed(failure) => Err(WorkerError::Failed(failure)),
            body => Ok(Answer { body, buffers }),
        };
        let question = self.questions.borrow_mut().remove(&reply.id);
        if let Some(question) = question {
            let _ = question.answer.send(answer);
        }
    }

    fn report(&self, id: u32, progress: Progress) {
        let listener = self
            .questions
            .borrow()
            .get(&id)
            .map(|question| Rc::clone(&question.progress));
        if let Some(listener) = listener {
            listener(progress);
        }
    }

    /// Answers everything that is open with an error, and everything to come.
    fn give_up(&self, error: &WorkerError) {
        self.dead.borrow_mut().get_or_insert_with(|| error.clone());
        for sleeper in self.sleepers.take() {
            let _ = sleeper.send(Err(error.clone()));
        }
        for (_, question) in self.questions.take() {
            let _ = question.answer.send(Err(error.clone()));
        }
    }
}

/// A worker; it ends when this is dropped.
pub(crate) struct WorkerClient {
    worker: Worker,
    post: Rc<Post>,
    next_id: Cell<u32>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl WorkerClient {
    /// Starts a worker; its module loads in the background.
    pub(crate) fn start() -> Result<Self> {
        let worker =
            Worker::new(SCRIPT).map_err(|error| WorkerError::Crashed(dom::message(&error)))?;
        let post = Rc::new(Post::default());
        let letters = Rc::clone(&post);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            letters.deliver(&event);
        });
        let crashes = Rc::clone(&post);
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            // A script that could not be fetched gives an event without a message.
            let message = js_sys::Reflect::get(&event, &"message".into())
                .ok()
                .and_then(|message| message.as_string())
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| "its module could not be loaded".into());
            crashes.give_up(&WorkerError::Crashed(message));
        });
        let sleepy = Rc::downgrade(&post);
        spawn_local(async move {
            dom::sleep(PATIENCE).await;
            if let Some(post) = sleepy.upgrade().filter(|post| !post.awake.get()) {
                post.give_up(&WorkerError::Crashed("its module did not start".into()));
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            post,
            next_id: Cell::new(1),
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Waits until the worker listens.
    pub(crate) async fn awake(&self) -> Result<()> {
        if let Some(error) = self.post.dead.borrow().clone() {
            return Err(error);
        }
        if self.post.awake.get() {
            return Ok(());
        }
        let (sender, receiver) = oneshot::channel();
        self.post.sleepers.borrow_mut().push(sender);
        receiver.await.unwrap_or(Err(WorkerError::Stopped))
    }

    /// Asks; the buffers are handed over.
    pub(crate) async fn ask(
        &self,
        body: RequestBody,
        buffers: &[ArrayBuffer],
        progress: impl Fn(Progress) + 'static,
    ) -> Result<Answer> {
        self.awake().await?;
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        let (answer, receiver) = oneshot::channel();
        self.post.questions.borrow_mut().insert(
            id,
            Question {
                answer,
                progress: Rc::new(progress),
            },
        );
        wire::send(&self.worker, &Request { id, body }, buffers)
            .map_err(|error| WorkerError::Crashed(dom::message(&error)))?;
        receiver.await.unwrap_or(Err(WorkerError::Stopped))
    }

    /// Ends the worker at once, whatever it is doing.
    pub(crate) fn stop(&self) {
        self.worker.terminate();
        self.post.give_up(&WorkerError::Stopped);
    }
}

impl Drop for WorkerClient {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.stop();
    }
}

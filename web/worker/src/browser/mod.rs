//! The message loop: one request after another, one final reply for each.
//!
//! A panic ends the module (it cannot unwind here). The hook answers every request that waits
//! before that, and what comes later gets the same answer, so the page never waits in vain; it
//! should end this worker and start another. Where even the hook does not run, as when memory
//! runs out, the page gets the worker's `error` event.

mod device;
mod host;
mod post;
mod session;
mod trouble;
mod weights;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::PanicHookInfo;

use async_channel::{Receiver, Sender, unbounded};
use js_sys::ArrayBuffer;
use protocol::{Failure, FailureKind, ReplyBody, Request, wire};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use crate::failure::{bad_request, failure};
use host::RequestHost;
use post::{error, reply, scope};
use session::Session;

type Job = (Request, Vec<ArrayBuffer>);

thread_local! {
    /// Requests that wait for their final reply.
    static WAITING: RefCell<BTreeSet<u32>> = const { RefCell::new(BTreeSet::new()) };
    /// Whether the module has panicked.
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

#[expect(unsafe_code, reason = "a declaration of the linker's own function")]
unsafe extern "C" {
    /// Runs the constructors by which Burn's shader compiler registers its parts.
    ///
    /// Unless somebody calls this, the linker has every call from JavaScript run them all again,
    /// which costs more than a tenth of a second each time a message comes in.
    safe fn __wasm_call_ctors();
}

/// Starts to listen.
pub(crate) fn start() {
    __wasm_call_ctors();
    std::panic::set_hook(Box::new(on_panic));
    let (sender, receiver) = unbounded();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event| take_in(&event, &sender));
    scope().set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    // Until now the page's messages would have been lost, so it waits for this one.
    reply(0, ReplyBody::Awake, &[]);
    spawn_local(serve(receiver));
}

fn take_in(event: &MessageEvent, queue: &Sender<Job>) {
    let id = wire::request_id(event);
    if STOPPED.get() {
        return reply(id, ReplyBody::Failed(stopped()), &[]);
    }
    let queued = match wire::receive(event) {
        Ok(job) => {
            WAITING.with_borrow_mut(|waiting| waiting.insert(id));
            queue.try_send(job).is_ok()
        }
        Err(problem) => {
            error(&problem);
            false
        }
    };
    if !queued {
        let message = "The page and its worker are of different versions; reload the page.";
        reply(id, ReplyBody::Failed(bad_request(message)), &[]);
    }
}

async fn serve(jobs: Receiver<Job>) {
    let mut session = Session::default();
    while let Ok((request, buffers)) = jobs.recv().await {
        let id = request.id;
        match session
            .answer(request.body, buffers, &RequestHost::new(id))
            .await
        {
            Ok((body, buffers)) => reply(id, body, &buffers),
            Err(failure) => reply(id, ReplyBody::Failed(failure), &[]),
        }
        WAITING.with_borrow_mut(|waiting| waiting.remove(&id));
    }
}

fn on_panic(info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    STOPPED.set(true);
    for id in WAITING.take() {
        reply(id, ReplyBody::Failed(stopped()), &[]);
    }
}

fn stopped() -> Failure {
    let message = "The worker has stopped after an error of its own; start it again.";
    failure(FailureKind::Internal, message)
}

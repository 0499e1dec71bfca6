//! As much of Python's pickle format as `torch.save` writes, in protocols 2 to 4.
//!
//! Nothing in the file is ever executed: calls become values, and the few that matter are
//! understood by name.

use std::collections::HashMap;

/// An unpickled object. Containers are handles into [`Unpickled`], because a pickle stores them
/// before it fills them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// None, a boolean, a float, or a call that does not matter.
    Other,
    Int(i64),
    Text(String),
    /// `module name` of a class or function.
    Global(String),
    Tuple(Vec<Value>),
    List(usize),
    Dict(usize),
    /// What the file keeps outside of the pickle.
    Persistent(Box<Value>),
    /// A call: function and arguments.
    Call(String, Vec<Value>),
}

/// A pickle's result and the contents of its containers.
#[derive(Debug)]
pub(crate) struct Unpickled {
    pub(crate) root: Value,
    containers: Vec<Vec<Value>>,
    /// Bytes that the pickle took.
    pub(crate) length: usize,
}

impl Unpickled {
    /// The elements of a list or tuple.
    pub(crate) fn elements<'a>(&'a self, value: &'a Value) -> &'a [Value] {
        match value {
            Value::Tuple(elements) => elements,
            Value::List(at) => &self.containers[*at],
            _ => &[],
        }
    }

    /// The entries of a dict, also of one made from a list of pairs.
    pub(crate) fn entries<'a>(&'a self, value: &'a Value) -> Vec<(&'a Value, &'a Value)> {
        match value {
            Value::Dict(at) => {
                let (pairs, _) = self.containers[*at].as_chunks::<2>();
                pairs.iter().map(|[key, value]| (key, value)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Everything that the file keeps outside of the pickle.
    pub(crate) fn persistent(&self) -> Vec<&Value> {
        let mut open: Vec<&Value> = self.containers.iter().flatten().collect();
        open.push(&self.root);
        let mut found = Vec::new();
        while let Some(value) = open.pop() {
            match value {
                Value::Persistent(_) => found.push(value),
                Value::Tuple(parts) | Value::Call(_, parts) => open.extend(parts),
                _ => {}
            }
        }
        found
    }
}

/// Reads one pickle from the start of `bytes`.
pub(crate) fn unpickle(bytes: &[u8]) -> Result<Unpickled, String> {
    Machine {
        bytes,
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        containers: Vec::new(),
    }
    .run()
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
    containers: Vec<Vec<Value>>,
}

impl Machine<'_> {
    fn run(mut self) -> Result<Unpickled, String> {
        loop {
            let code = self.byte()?;
            if code == b'.' {
                let root = self.pop()?;
                return Ok(Unpickled {
                    root,
                    containers: self.containers,
                    length: self.at,
                });
            }
            self.step(code)?;
        }
    }

    fn step(&mut self, code: u8) -> Result<(), String> {
        match code {
            0x80 => drop(self.byte()?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.since_mark()?),
            0x95 => drop(self.take(8)?),
            0x94 => {
                let top = self.stack.last().ok_or("nothing to remember")?;
                self.memo.insert(self.memo.len() as u32, top.clone());
            }
            0x93 => {
                let names = self.last(2)?;
                let [Value::Text(module), Value::Text(name)] = names.as_slice() else {
                    return Err("a class has no name".into());
                };
                self.stack.push(Value::Global(format!("{module} {name}")));
            }
            b'q' | b'r' => {
                let key = self.unsigned(if code == b'q' { 1 } else { 4 })?;
                let top = self.stack.last().ok_or("nothing to remember")?;
                self.memo.insert(key, top.clone());
            }
            b'h' | b'j' => {
                let key = self.unsigned(if code == b'h' { 1 } else { 4 })?;
                let value = self.memo.get(&key).ok_or("an unknown reference")?;
                self.stack.push(value.clone());
            }
            b'}' => self.container(Vec::new(), Value::Dict),
            b']' | 0x8f => self.container(Vec::new(), Value::List),
            b'u' | b'e' | 0x90 => self.extend()?,
            b's' => self.append(2)?,
            b'a' => self.append(1)?,
            b')' => self.stack.push(Value::Tuple(Vec::new())),
            b't' | 0x91 => {
                let elements = self.since_mark()?;
                self.stack.push(Value::Tuple(elements));
            }
            0x85..=0x87 => {
                let elements = self.last(usize::from(code - 0x84))?;
                self.stack.push(Value::Tuple(elements));
            }
            b'R' | 0x81 => self.call()?,
            b'b' => drop(self.pop()?),
            b'Q' => {
                let id = self.pop()?;
                self.stack.push(Value::Persistent(Box::new(id)));
            }
            _ => {
                let value = self.scalar(code)?;
                self.stack.push(value);
            }
        }
        Ok(())
    }

    fn scalar(&mut self, code: u8) -> Result<Value, String> {
        Ok(match code {
            b'N' | 0x88 | 0x89 => Value::Other,
            b'G' => {
                self.take(8)?;
                Value::Other
            }
            b'J' => Value::Int(i64::from(self.unsigned(4)? as i32)),
            b'K' => Value::Int(i64::from(self.unsigned(1)?)),
            b'M' => Value::Int(i64::from(self.unsigned(2)?)),
            b'C' | b'B' | 0x8e => {
                let length = self.unsigned(match code {
                    b'C' => 1,
                    b'B' => 4,
                    _ => 8,
                })?;
                self.take(length as usize)?;
                Value::Other
            }
            0x8a | 0x8b => {
                let length = self.unsigned(if code == 0x8a { 1 } else { 4 })? as usize;
                Value::Int(signed(self.take(length)?))
            }
            b'U' | 0x8c => self.text(1)?,
            0x8d => self.text(8)?,
            b'X' | b'T' => self.text(4)?,
            b'c' => Value::Global(format!("{} {}", self.line()?, self.line()?)),
            other => {
                return Err(format!(
                    "it has an instruction {other:#04x} that is not known"
                ));
            }
        })
    }

    /// An `OrderedDict` becomes a dict; a tensor stays a call.
    fn call(&mut self) -> Result<(), String> {
        let arguments = match self.pop()? {
            Value::Tuple(arguments) => arguments,
            _ => Vec::new(),
        };
        let Value::Global(function) = self.pop()? else {
            self.stack.push(Value::Other);
            return Ok(());
        };
        if function != "collections OrderedDict" {
            self.stack.push(Value::Call(function, arguments));
            return Ok(());
        }
        let pairs = match arguments.first() {
            Some(Value::List(at)) => self.containers[*at].clone(),
            _ => Vec::new(),
        };
        let mut flat = Vec::new();
        for pair in pairs {
            match pair {
                Value::Tuple(pair) if pair.len() == 2 => flat.extend(pair),
                Value::List(at) if self.containers[at].len() == 2 => {
                    flat.extend(self.containers[at].clone());
                }
                _ => return Err("a dict is made of something else than pairs".into()),
            }
        }
        self.container(flat, Value::Dict);
        Ok(())
    }

    fn container(&mut self, content: Vec<Value>, handle: fn(usize) -> Value) {
        self.stack.push(handle(self.containers.len()));
        self.containers.push(content);
    }

    fn extend(&mut self) -> Result<(), String> {
        let elements = self.since_mark()?;
        self.fill(elements)
    }

    fn append(&mut self, count: usize) -> Result<(), String> {
        let elements = self.last(count)?;
        self.fill(elements)
    }

    fn fill(&mut self, elements: Vec<Value>) -> Result<(), String> {
        match self.stack.last() {
            Some(Value::List(at) | Value::Dict(at)) => self.containers[*at].extend(elements),
            // Attributes of an object that does not matter.
            Some(_) => {}
            None => return Err("nothing to fill".into()),
        }
        Ok(())
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self.marks.pop().ok_or("a mark is missing")?;
        if mark > self.stack.len() {
            return Err("a mark is misplaced".into());
        }
        Ok(self.stack.split_off(mark))
    }

    fn last(&mut self, count: usize) -> Result<Vec<Value>, String> {
        let start = self.stack.len().checked_sub(count);
        Ok(self.stack.split_off(start.ok_or("too few values")?))
    }

    fn pop(&mut self) -> Result<Value, String> {
        self.stack.pop().ok_or_else(|| "too few values".into())
    }

    fn take(&mut self, count: usize) -> Result<&[u8], String> {
        let end = self.at.saturating_add(count);
        let taken = self.bytes.get(self.at..end).ok_or("it is cut short")?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn unsigned(&mut self, size: usize) -> Result<u32, String> {
        let bytes = self.take(size)?;
        Ok(bytes.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b)))
    }

    fn text(&mut self, size: usize) -> Result<Value, String> {
        let length = self.unsigned(size)? as usize;
        Ok(Value::Text(
            String::from_utf8_lossy(self.take(length)?).into_owned(),
        ))
    }

    fn line(&mut self) -> Result<String, String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'\n');
        let line = self.take(length.ok_or("it is cut short")?)?;
        let text = String::from_utf8_lossy(line).into_owned();
        self.at += 1;
        Ok(text)
    }
}

/// Little-endian two's complement of up to 8 bytes; longer numbers do not matter.
fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes
        .iter()
        .rev()
        .fold(start, |n: i64, b| n << 8 | i64::from(*b))
}

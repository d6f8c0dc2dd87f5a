//! Short inputs that stand for long and deep ones. A fuzzer is quick while its inputs are short, and
//! does not find by itself what happens at 65 536 bytes. So bytes that are in no JSON, no base64url and
//! no PEM text are commands here: each is followed by a number and applies to the rest of the input
//! up to its [`END`].

use std::thread;

/// The part so many times.
pub const REPEAT: u8 = 1;
/// The part in so many lists.
pub const LISTS: u8 = 2;
/// The part in so many objects.
pub const OBJECTS: u8 = 3;
/// In the part, each byte whose place is a multiple of the number as `\u00..`.
pub const ESCAPE: u8 = 4;
/// The part as JSON in a string, under the name that `serde_json` keeps for itself, in lists; and
/// this again in a string, so many times.
pub const HIDE: u8 = 5;
pub const END: u8 = 6;

/// The input with its commands carried out; `None` if that is longer than `max`.
pub fn expand(data: &[u8], max: usize) -> Option<Vec<u8>> {
    let mut open: Vec<(u8, u8)> = Vec::new();
    // The part of each open command, above that of the whole.
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    let mut bytes = data.iter().copied();
    loop {
        let byte = bytes.next();
        match byte {
            Some(command @ REPEAT..=HIDE) => {
                open.push((command, bytes.next().unwrap_or(0)));
                parts.push(Vec::new());
            }
            Some(END) | None => match open.pop() {
                Some((command, number)) => {
                    let part = parts.pop()?;
                    let part = carry_out(command, number, &part, max)?;
                    parts.last_mut()?.extend(part);
                }
                None if byte.is_none() => return parts.pop().filter(|whole| whole.len() <= max),
                None => {}
            },
            Some(byte) => parts.last_mut()?.push(byte),
        }
    }
}

/// Small numbers as they are; above, lengths at and beside the powers of two from 2⁶ to 2²⁰.
pub fn length(number: u8) -> usize {
    if number < 64 {
        return number.into();
    }
    let step = usize::from(number - 64) % 45;
    (1 << (6 + step / 3)) + step % 3 - 1
}

fn carry_out(command: u8, number: u8, part: &[u8], max: usize) -> Option<Vec<u8>> {
    let times = length(number);
    let around = |open: &[u8], close: &[u8]| {
        let len = (open.len() + close.len()).checked_mul(times)?.checked_add(part.len())?;
        (len <= max).then(|| [&*open.repeat(times), part, &*close.repeat(times)].concat())
    };
    match command {
        REPEAT => (part.len().checked_mul(times)? <= max).then(|| part.repeat(times)),
        LISTS => around(b"[", b"]"),
        OBJECTS => around(b"{\"a\":", b"}"),
        ESCAPE => {
            let places = times.max(1);
            Some(escape(part, |place, _| place % places == 0)).filter(|part| part.len() <= max)
        }
        _ => {
            let mut part = part.to_vec();
            for _ in 0..times {
                let (open, close) = ("[".repeat(120), "]".repeat(120));
                let string = escape(&part, |_, byte| matches!(byte, b'"' | b'\\'));
                let start = format!("{open}{{\"$serde_json::private::RawValue\":\"");
                let end = format!("\"}}{close}");
                part = [start.as_bytes(), &string, end.as_bytes()].concat();
                if part.len() > max {
                    return None;
                }
            }
            Some(part)
        }
    }
}

fn escape(part: &[u8], is_chosen: impl Fn(usize, u8) -> bool) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(part.len());
    for (place, &byte) in part.iter().enumerate() {
        if byte.is_ascii() && is_chosen(place, byte) {
            escaped.extend(format!("\\u{byte:04x}").bytes());
        } else {
            escaped.push(byte);
        }
    }
    escaped
}

/// In the build with the feature `hostile`, on a thread with a stack of 2 MiB, as those of a server have.
pub fn on_a_small_stack(run: impl FnOnce() + Send) {
    if !cfg!(feature = "hostile") {
        return run();
    }
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, run);
        thread.expect("there are threads").join().expect("a panic ends the process");
    });
}

#[cfg(test)]
mod tests {
    use super::{END, ESCAPE, HIDE, LISTS, OBJECTS, REPEAT, expand, length};

    fn expanded(data: &[u8]) -> String {
        String::from_utf8(expand(data, 1 << 20).expect("it is short")).expect("it is text")
    }

    #[test]
    fn commands() {
        assert_eq!(expanded(b"no command"), "no command");
        assert_eq!(expanded(&[b'a', REPEAT, 3, b'b', b'c', END, b'd']), "abcbcbcd");
        assert_eq!(expanded(&[LISTS, 2, b'1', END]), "[[1]]");
        assert_eq!(expanded(&[OBJECTS, 2, LISTS, 1, b'1']), r#"{"a":{"a":[1]}}"#);
        assert_eq!(expanded(&[ESCAPE, 1, b'a', b'"', END, END]), r"\u0061\u0022");
        assert_eq!(expanded(&[ESCAPE, 2, b'a', b'b', b'c']), r"\u0061b\u0063");
        let hidden = expanded(&[HIDE, 2, b'"', b'1', b'"']);
        let inner = hidden.trim_matches(['[', ']']);
        assert!(inner.starts_with(r#"{"$serde_json::private::RawValue":"[[["#), "{inner}");
        assert!(inner.contains(r"[{\u0022$serde"), "{inner}");
        assert!(inner.contains(r":\u0022\u005cu00221\u005cu0022\u0022}"), "{inner}");
    }

    #[test]
    fn bounds() {
        assert!(expand(&[REPEAT, 108, b'a', b'b'], 1 << 20).is_none());
        assert!(expand(b"abc", 2).is_none() && expand(b"abc", 3).is_some());
        assert!(expand(&[HIDE, 255, b'1'], 1 << 20).is_none());
    }

    #[test]
    fn lengths() {
        let all: Vec<usize> = (0..=255).map(length).collect();
        for power in 6..=20 {
            let len = 1_usize << power;
            assert!([len - 1, len, len + 1].iter().all(|len| all.contains(len)), "{len}");
        }
        assert!((0..64).all(|len| all.contains(&len)));
    }
}

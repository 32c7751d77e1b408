//! The small values of a chart: exact numbers, texts that may be numbers, bounded lists, raw JSON.

use std::fmt;
use std::marker::PhantomData;

use domain::limits;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

use super::RAW_DEPTH_MAX;

/// A number, read to the nearest double.
///
/// `serde_json` itself may be off by one in the last place, and refuses `1e999` without naming its place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number(pub(super) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Owned, because a stream has nothing to borrow from.
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let raw = raw.get();
        match raw.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Self(value)),
            Ok(_) => Err(D::Error::custom("this number is too large")),
            Err(_) => {
                let start = raw.get(..raw.len().min(20)).unwrap_or("text");
                Err(D::Error::invalid_type(Unexpected::Other(start), &"a number"))
            }
        }
    }
}

/// A text; a whole number is taken as its digits, since rows and seats are often numbered.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a whole number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
                Ok(Text(text))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Text, E> {
                Ok(Text(value.to_string()))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Reads a text or whole number as a `String`.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Text::deserialize(deserializer).map(|text| text.0)
}

/// Reads `null` as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Something of which a document holds only so much.
pub(super) trait Weighed {
    /// How many seats it brings.
    fn seats(&self) -> usize {
        0
    }
}

/// Reads a list of at most `MAX` entries with at most `CHART_SEATS_MAX` seats, turning each from its wire
/// type `In` into `Out` as it comes, so that there are never two copies of the whole.
pub(super) fn list<'de, D, In, Out, const MAX: usize>(deserializer: D) -> Result<Vec<Out>, D::Error>
where
    D: Deserializer<'de>,
    In: Deserialize<'de>,
    Out: From<In> + Weighed,
{
    struct ListVisitor<In, Out, const MAX: usize>(PhantomData<(In, Out)>);
    impl<'de, In: Deserialize<'de>, Out: From<In> + Weighed, const MAX: usize> Visitor<'de>
        for ListVisitor<In, Out, MAX>
    {
        type Value = Vec<Out>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<Out>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<Out>, A::Error> {
            let mut list: Vec<Out> = Vec::new();
            let mut seats = 0;
            while let Some(entry) = access.next_element::<In>()? {
                let entry = Out::from(entry);
                seats += entry.seats();
                if list.len() == MAX {
                    return Err(A::Error::custom(format_args!("has more than {MAX} entries")));
                }
                if seats > limits::CHART_SEATS_MAX {
                    let most = limits::CHART_SEATS_MAX;
                    return Err(A::Error::custom(format_args!("a chart has at most {most} seats")));
                }
                list.push(entry);
            }
            list.shrink_to_fit();
            Ok(list)
        }
    }
    deserializer.deserialize_any(ListVisitor::<In, Out, MAX>(PhantomData))
}

/// Raw JSON that is given back as it came: at most `MAX` bytes, and not deeper than a client can read.
pub(super) fn raw<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<Option<Box<RawValue>>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    if raw.get().len() > MAX {
        let len = raw.get().len();
        return Err(D::Error::custom(format_args!("is {len} bytes long; at most {MAX} are allowed")));
    }
    if depth(raw.get()) > RAW_DEPTH_MAX {
        return Err(D::Error::custom(format_args!("is nested more than {RAW_DEPTH_MAX} levels deep")));
    }
    Ok((raw.get() != "null").then(|| raw.to_owned()))
}

/// As [`raw`], and it must be an object.
pub(super) fn raw_object<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<Option<Box<RawValue>>, D::Error> {
    let object = raw::<D, MAX>(deserializer)?;
    if object.as_ref().is_some_and(|object| !object.get().starts_with('{')) {
        return Err(D::Error::custom("must be an object"));
    }
    Ok(object)
}

/// How many arrays and objects are within each other, in a text that is known to be JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth -= 1,
            _ => {}
        }
    }
    deepest
}

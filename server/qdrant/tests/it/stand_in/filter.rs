//! Filters of the stand-in: conditions on fields of the payload, and filters in filters.
//! A condition of another kind fails the test that uses it.

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{Condition, Filter, Value};

use super::data::Stored;

pub(crate) fn holds(filter: Option<&Filter>, id: &str, point: &Stored) -> bool {
    let Some(Filter { should, must, must_not, min_should }) = filter else { return true };
    assert!(min_should.is_none(), "min_should of {id}");
    let is = |condition: &Condition| is_met(condition, id, point);
    (should.is_empty() || should.iter().any(is)) && must.iter().all(is) && !must_not.iter().any(is)
}

fn is_met(condition: &Condition, id: &str, point: &Stored) -> bool {
    match &condition.condition_one_of {
        Some(ConditionOneOf::Filter(filter)) => holds(Some(filter), id, point),
        Some(ConditionOneOf::Field(field)) => {
            let value = field.r#match.as_ref().and_then(|it| it.match_value.as_ref());
            let value = value.expect("only matches are asked for");
            point.payload.get(&field.key).is_some_and(|there| matches(value, there))
        }
        other => panic!("condition {other:?}"),
    }
}

/// Of a list, one value is enough.
fn matches(value: &MatchValue, there: &Value) -> bool {
    match (value, &there.kind) {
        (_, Some(Kind::ListValue(list))) => list.values.iter().any(|one| matches(value, one)),
        (MatchValue::Keyword(text), Some(Kind::StringValue(there))) => text == there,
        (MatchValue::Keywords(texts), Some(Kind::StringValue(there))) => {
            texts.strings.contains(there)
        }
        (MatchValue::Boolean(value), Some(Kind::BoolValue(there))) => value == there,
        _ => false,
    }
}

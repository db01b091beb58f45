//! Where outcomes differ, and who is on which side.

use std::collections::BTreeSet;

use super::{Answer, Outcome};
use crate::output::talk;
use crate::session::{Origin, Status};

/// What may differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aspect {
    /// Whether there was a call at all.
    Spoken,
    /// How it ended: code, message, and whose word that is.
    Status,
    /// The status's details.
    Details,
    /// How many messages came.
    Messages,
    /// The message in this place, from 0.
    Message(usize),
    /// The metadata of this name.
    Metadata(String),
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What that is.
    pub aspect: Aspect,
    /// What it is over which protocols, in the order in which those were named.
    pub sides: Vec<Side>,
}

/// Protocols that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Their names.
    pub protocols: Vec<&'static str>,
    /// What they have; none where the others have something.
    pub value: Option<Value>,
}

/// What is on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// In words.
    Text(String),
    /// A number.
    Number(usize),
    /// As JSON, over lines.
    Json(String),
    /// All of these, as JSON.
    JsonList(Vec<String>),
    /// All of these.
    Texts(Vec<String>),
}

/// Where they differ; nowhere, if that is empty.
pub fn differences(outcomes: &[Outcome]) -> Vec<Difference> {
    let mut all = Vec::new();
    let mut add = |aspect: Aspect, sides: Vec<Side>| {
        if sides.len() > 1 {
            all.push(Difference { aspect, sides });
        }
    };
    add(Aspect::Spoken, sides(outcomes.iter().map(|outcome| (outcome, spoken(outcome)))));
    let answers: Vec<(&Outcome, &Answer)> =
        outcomes.iter().filter_map(|outcome| Some((outcome, outcome.answer.as_ref().ok()?))).collect();
    add(
        Aspect::Status,
        sides(answers.iter().map(|(outcome, answer)| {
            let shown = Value::Text(talk::outcome(&answer.status));
            (*outcome, (comparable(&answer.status, &outcome.title), Some(shown)))
        })),
    );
    // What a server did not say is not there to be compared.
    let answers: Vec<(&Outcome, &Answer)> =
        answers.into_iter().filter(|(_, answer)| is_the_servers(answer)).collect();
    let each = |value: &dyn Fn(&Answer) -> Option<Value>| {
        sides(answers.iter().map(|(outcome, answer)| (*outcome, (value(answer), value(answer)))))
    };
    add(
        Aspect::Details,
        each(&|answer| (!answer.details.is_empty()).then(|| Value::JsonList(answer.details.clone()))),
    );
    add(Aspect::Messages, each(&|answer| Some(Value::Number(answer.messages.len()))));
    let most = answers.iter().map(|(_, answer)| answer.messages.len()).max().unwrap_or(0);
    for index in 0..most {
        let message = |answer: &Answer| answer.messages.get(index).cloned().map(Value::Json);
        add(Aspect::Message(index), each(&message));
    }
    let names: BTreeSet<&String> = answers.iter().flat_map(|(_, answer)| answer.metadata.keys()).collect();
    for name in names {
        // RFC 9110 §5.3: what stands between may make one line of several.
        let joined = |answer: &Answer| answer.metadata.get(name).map(|values| values.join(", "));
        let shown = |answer: &Answer| answer.metadata.get(name).cloned().map(Value::Texts);
        let both = |answer: &Answer| (joined(answer), shown(answer));
        add(
            Aspect::Metadata(name.clone()),
            sides(answers.iter().map(|(outcome, answer)| (*outcome, both(answer)))),
        );
    }
    all
}

/// Outcomes by what of each counts, each with what is shown of it: those that have the same are one side.
fn sides<'o, K: PartialEq>(all: impl Iterator<Item = (&'o Outcome, (K, Option<Value>))>) -> Vec<Side> {
    let mut sides: Vec<(K, Side)> = Vec::new();
    for (outcome, (key, value)) in all {
        match sides.iter_mut().find(|(known, _)| *known == key) {
            Some((_, side)) => side.protocols.push(outcome.protocol),
            None => sides.push((key, Side { protocols: vec![outcome.protocol], value })),
        }
    }
    sides.into_iter().map(|(_, side)| side).collect()
}

/// Whether there is more to an answer than that it is none: its status is the server's own, or messages came.
fn is_the_servers(answer: &Answer) -> bool {
    answer.status.is_from_server() || !answer.messages.is_empty()
}

/// Why there was no call, if there was none.
fn spoken(outcome: &Outcome) -> (Option<String>, Option<Value>) {
    let why = outcome.answer.as_ref().err().map(|told| {
        std::iter::once(&told.message).chain(&told.causes).cloned().collect::<Vec<_>>().join(": ")
    });
    (why.clone(), why.map(Value::Text))
}

/// What of a status counts. What is said on this side is said in the words of the protocol that it happened in: the
/// protocol's name is no difference, and what a deadline or a limit interrupted is none either.
fn comparable(status: &Status, title: &str) -> (u32, Option<String>, &'static str) {
    let (message, whose) = match status.origin {
        Origin::Server => (Some(status.message.clone()), "server"),
        Origin::Mapped => {
            (Some(status.message.replace(&format!(" no {title} status"), " no status")), "mapped")
        }
        Origin::Local => (None, "local"),
    };
    (status.code.0, message, whose)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;
    use crate::failure::Told;
    use crate::session::{Code, StatusDetails};

    fn answer(status: Status, messages: &[&str], metadata: &[(&str, &[&str])]) -> Answer {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let metadata: BTreeMap<String, Vec<String>> =
            metadata.iter().map(|(name, values)| ((*name).to_owned(), texts(values))).collect();
        Answer {
            status,
            status_json: "{}".to_owned(),
            details: Vec::new(),
            messages: texts(messages),
            metadata,
        }
    }

    fn outcomes(answers: Vec<Result<Answer, Told>>) -> Vec<Outcome> {
        let names = [("grpc", "gRPC"), ("grpc-web", "gRPC-Web"), ("connect", "Connect")];
        let outcome = |((protocol, title), answer): ((&'static str, &str), _)| Outcome {
            protocol,
            title: title.to_owned(),
            took: Duration::ZERO,
            answer,
        };
        names.into_iter().zip(answers).map(outcome).collect()
    }

    fn ok() -> Status {
        Status::server(Code::OK, "")
    }

    /// `aspect: sides`, a line each.
    fn shown(outcomes: &[Outcome]) -> Vec<String> {
        let side = |side: &Side| format!("{} {:?}", side.protocols.join("+"), side.value);
        let line = |difference: &Difference| {
            let sides: Vec<String> = difference.sides.iter().map(side).collect();
            format!("{:?}: {}", difference.aspect, sides.join(" | "))
        };
        differences(outcomes).iter().map(line).collect()
    }

    #[test]
    fn what_is_alike_differs_nowhere() {
        let same = || Ok(answer(ok(), &["{}"], &[("a", &["1", "2"])]));
        let joined = Ok(answer(ok(), &["{}"], &[("a", &["1, 2"])]));
        assert!(differences(&outcomes(vec![same(), same(), joined])).is_empty());
        let refused = || Err(Told { message: "no".to_owned(), causes: Vec::new(), hints: Vec::new() });
        assert!(differences(&outcomes(vec![refused(), refused()])).is_empty());
        assert!(differences(&[]).is_empty());
    }

    #[test]
    fn who_answers_alike_is_on_one_side() {
        let all = outcomes(vec![
            Ok(answer(ok(), &["{}", "1"], &[("a", &["1"])])),
            Ok(answer(ok(), &["{}"], &[("a", &["1"])])),
            Ok(answer(ok(), &["{}", "1"], &[])),
        ]);
        assert_eq!(
            shown(&all),
            [
                "Messages: grpc+connect Some(Number(2)) | grpc-web Some(Number(1))",
                "Message(1): grpc+connect Some(Json(\"1\")) | grpc-web None",
                "Metadata(\"a\"): grpc+grpc-web Some(Texts([\"1\"])) | connect None",
            ]
        );
    }

    #[test]
    fn a_protocol_that_is_not_spoken_is_a_difference_and_no_other() {
        let refused = Told { message: "no".to_owned(), causes: vec!["hm".to_owned()], hints: Vec::new() };
        let all = outcomes(vec![Err(refused), Ok(answer(ok(), &["{}"], &[]))]);
        assert_eq!(shown(&all), ["Spoken: grpc Some(Text(\"no: hm\")) | grpc-web None"]);
    }

    #[test]
    fn what_this_side_says_of_a_protocol_is_no_difference() {
        let busy = |title: &str| {
            let message = format!("the server answered HTTP 503 and no {title} status: busy");
            Ok(answer(Status::mapped(Code::UNAVAILABLE, message), &[], &[]))
        };
        assert!(differences(&outcomes(vec![busy("gRPC"), busy("gRPC-Web"), busy("Connect")])).is_empty());
        let late = |doing: &str| {
            Ok(answer(Status::local(Code::DEADLINE_EXCEEDED, format!("passed while {doing}")), &[], &[]))
        };
        assert!(differences(&outcomes(vec![late("waiting"), late("reading")])).is_empty());
        let own = Ok(answer(Status::server(Code::UNAVAILABLE, ""), &["{}"], &[("a", &["1"])]));
        let all = shown(&outcomes(vec![busy("gRPC"), own]));
        assert!(all.len() == 1 && all[0].starts_with("Status: "), "{all:?}");
    }

    #[test]
    fn details_are_of_the_status_and_differ_by_themselves() {
        let gone = |details: &[&str]| {
            let status = Status { details: StatusDetails::None, ..Status::server(Code(5), "gone") };
            let details = details.iter().map(|detail| (*detail).to_owned()).collect();
            Ok(Answer { details, ..answer(status, &[], &[]) })
        };
        let all = outcomes(vec![gone(&["{}"]), gone(&[])]);
        assert_eq!(shown(&all), ["Details: grpc Some(JsonList([\"{}\"])) | grpc-web None"]);
    }
}

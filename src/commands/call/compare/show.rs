//! What came over each protocol, held against each other and shown.

use super::super::show::Show;
use super::super::{Exit, Failed, Surroundings, Writers, complete};
use super::{Compared, Learnt, Made};
use crate::output::call::{CallPrinter, CallStyle, Form, Shown};
use crate::output::compare::{self, Document, Look, Outcome};
use crate::output::exchange::About;
use crate::output::reshape::Reshaper;
use crate::output::talk::Level;

/// Shows the answer where all agree on it, and else the differences.
pub(super) async fn show(
    learnt: &Learnt,
    made: Vec<Made>,
    (compared, reshaper): (&Compared, Option<Reshaper>),
    (surroundings, io): (&Surroundings, &mut Writers<'_>),
) -> Result<Exit, Failed> {
    let outcomes = judge(learnt, &made, compared.look).await;
    let differences = compare::differences(&outcomes);
    let agree = differences.is_empty();
    let printed = tell_calls(learnt, &made, (compared, agree, reshaper), (surroundings, io)).await?;
    let exit = if agree { printed } else { Exit::CHECK_FAILED };
    let mut out = Vec::new();
    if compared.document {
        let (target, method) =
            (made.first().map_or("", |made| made.plan.about.target.as_str()), learnt.method.name());
        let (outcomes, differences) = (outcomes.as_slice(), differences.as_slice());
        let document = Document { target, method: &method, outcomes, differences, exit: exit.0 };
        compare::json(&mut out, document, compared.look)?;
    } else if made.first().is_some_and(|made| made.plan.style.form != Form::Nothing) {
        compare::text(&mut out, &differences, compared.look)?;
    }
    io.out.put(out.into());
    io.out.finish().await?;
    if let Some(answered) = made.iter().find(|made| made.came.end.is_ok()) {
        complete::remember(&answered.plan.target, &surroundings.places);
    }
    // Where no call came about, that is what there is to say.
    if let Some(failed) = made.into_iter().find_map(|made| made.came.end.err()).filter(|_| agree) {
        return Err(failed);
    }
    if agree {
        compare::agreed(io.talk, &outcomes)?;
    } else {
        compare::differ(io.talk, &outcomes, &differences)?;
    }
    if compared.look.talk.level >= Level::Call {
        compare::times(io.talk, &outcomes)?;
    }
    Ok(exit)
}

/// What came of each, read with all the types that any of them needs.
async fn judge(learnt: &Learnt, made: &[Made], look: Look) -> Vec<Outcome> {
    let mut schema = learnt.session.schema().await;
    let mut missing = Vec::new();
    for Made { came, .. } in made {
        if let Ok(status) = &came.end {
            missing.extend(compare::read(&learnt.method, look, (&came.events, status), &*schema).1);
        }
    }
    if !missing.is_empty() {
        schema.learn(&missing).await;
    }
    let outcome = |made: &Made| {
        let protocol = made.plan.target.channel.dialect.protocol;
        let answer = match &made.came.end {
            Ok(status) => Ok(compare::read(&learnt.method, look, (&made.came.events, status), &*schema).0),
            Err(failed) => Err(failed.told()),
        };
        let took = made.ended.saturating_duration_since(made.started);
        Outcome { protocol: protocol.name(), title: protocol.to_string(), took, answer }
    };
    made.iter().map(outcome).collect()
}

/// Prints the first call as any call is where all agree, and with `-v` tells of each on the side. The exit code is the
/// first's.
async fn tell_calls(
    learnt: &Learnt,
    made: &[Made],
    (compared, agree, mut reshaper): (&Compared, bool, Option<Reshaper>),
    (surroundings, io): (&Surroundings, &mut Writers<'_>),
) -> Result<Exit, Failed> {
    let is_verbose = compared.look.talk.level >= Level::Call;
    let mut exit = None;
    for Made { plan, started, came, .. } in made {
        let is_first = exit.is_none();
        let is_printed = is_first && agree && !compared.document;
        let mut told = Exit(came.exit());
        if is_verbose {
            writeln!(io.talk, "* over {}", plan.about.protocol)?;
        }
        if is_verbose || is_printed {
            let form = if is_printed { plan.style.form } else { Form::Nothing };
            let style = CallStyle { form, progress: None, ..plan.style };
            let about = About { started: *started, ..plan.about.clone() };
            let shown = (Some(&learnt.method), Shown::Answers);
            let printer = CallPrinter::new((&mut *io.out, &mut *io.talk), style, shown, about);
            let printer = printer.reshaped(reshaper.take().filter(|_| is_printed));
            let shown =
                Show::new((&learnt.session, &plan.target), printer, None).replay(&came.events).await?;
            if told == Exit::OK {
                told = shown;
            }
        }
        if let Err(failed) = &came.end
            && is_verbose
            && !agree
        {
            io.talk.flush()?;
            failed.tell(surroundings.colors);
        }
        exit.get_or_insert(told);
    }
    Ok(exit.unwrap_or(Exit::OK))
}

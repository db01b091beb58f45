//! What a call would send: where and as what on stderr, the messages on stdout.

use std::io;
use std::pin::Pin;

use super::super::{Exit, Failed, Writers};
use crate::args::TargetPlan;
use crate::output::call::{CallPrinter, CallStyle, Shown};
use crate::output::exchange::About;
use crate::output::reshape::Reshaper;
use crate::output::{sanitize, talk};
use crate::secrets::Secrets;
use crate::session::{Method, Preview, Session, Unsent};

/// Shows it, until the messages end or a signal comes.
pub(super) async fn run(
    (session, method): (&Session, &Method),
    mut preview: Preview,
    (target, (style, about, reshaper)): (&TargetPlan, (CallStyle, About, Option<Reshaper>)),
    io: &mut Writers<'_>,
    mut signal: Pin<&mut impl Future<Output = u8>>,
) -> Result<Exit, Failed> {
    plan(method, target, (&preview, style.talk.secrets), io)?;
    let shown = (Some(method), Shown::Requests);
    let printer = CallPrinter::new((&mut *io.out, &mut *io.talk), style, shown, about);
    let mut printer = printer.reshaped(reshaper);
    let mut count = 0;
    loop {
        let unsent = tokio::select! {
            unsent = preview.next() => unsent,
            code = &mut signal => return Ok(Exit(code)),
        };
        let Some(unsent) = unsent else { break };
        let Unsent { index, size, payload, go_type } = unsent.map_err(|error| Failed::at(target, error))?;
        count += 1;
        let of_type = go_type.map(|ty| format!(", {ty}")).unwrap_or_default();
        printer.remark(&format!("message {}: {size} bytes{of_type}", index + 1))?;
        printer.preview(&payload, &*session.schema().await);
        tokio::select! {
            shaped = printer.reshape() => shaped?,
            code = &mut signal => return Ok(Exit(code)),
        }
        printer.message(&payload)?;
        printer.out().finish().await?;
    }
    printer.remark(&format!("{}, and nothing was sent", talk::messages(count)))?;
    Ok(Exit::OK)
}

fn plan(
    method: &Method,
    target: &TargetPlan,
    (preview, secrets): (&Preview, Secrets),
    io: &mut Writers<'_>,
) -> io::Result<()> {
    let security = if target.channel.target.tls.is_some() { "over TLS" } else { "in plaintext" };
    match method {
        Method::Proto(method) => {
            let (input, output) = (method.descriptor.input(), method.descriptor.output());
            let types = format!("{} → {}", input.full_name(), output.full_name());
            let (name, shape) = (method.name(), method.shape());
            writeln!(io.talk, "* {} is {shape}: {}", sanitize::line(&name), sanitize::line(&types))?;
        }
        Method::Go(method) => writeln!(io.talk, "* {} of net/rpc", sanitize::line(&method.name))?,
    }
    writeln!(io.talk, "* to {}, {security}", sanitize::line(&target.place.text))?;
    preview.head.as_ref().map_or(Ok(()), |head| talk::request(io.talk, head, secrets))
}

//! Two texts, line by line: what only one of them has, and a little of what both have around it.

/// A line, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'t> {
    /// It stands in both.
    Both(&'t str),
    /// It stands in the first alone.
    First(&'t str),
    /// It stands in the second alone.
    Second(&'t str),
    /// So many that stand in both are left out.
    Gap(usize),
}

/// How many lines that are the same are shown beside one that is not.
const AROUND: usize = 3;
/// How many pairs of lines are held against each other at most; what is larger is shown as replaced.
const MOST_PAIRS: usize = 4 << 20;

/// How the texts differ.
pub(super) fn diff<'t>(first: &'t str, second: &'t str) -> Vec<Line<'t>> {
    let (first, second): (Vec<&str>, Vec<&str>) = (first.lines().collect(), second.lines().collect());
    let same = |(one, other): &(&&str, &&str)| one == other;
    let head = first.iter().zip(&second).take_while(same).count();
    let (before, first) = first.split_at(head);
    let (_, second) = second.split_at(head);
    let tail = first.iter().rev().zip(second.iter().rev()).take_while(same).count();
    let (first, after) = first.split_at(first.len() - tail);
    let (second, _) = second.split_at(second.len() - tail);
    let mut all: Vec<Line<'t>> = before.iter().map(|line| Line::Both(line)).collect();
    all.extend(changed(first, second));
    all.extend(after.iter().map(|line| Line::Both(line)));
    shortened(all)
}

/// The lines that stand between a common head and a common tail.
fn changed<'t>(first: &[&'t str], second: &[&'t str]) -> Vec<Line<'t>> {
    let replaced = || {
        let gone = first.iter().map(|line| Line::First(line));
        gone.chain(second.iter().map(|line| Line::Second(line))).collect()
    };
    if first.len().saturating_mul(second.len()) > MOST_PAIRS {
        return replaced();
    }
    let lengths = common_lengths(first, second);
    let length =
        |at: usize, beside: usize| lengths.get(at).and_then(|row| row.get(beside)).copied().unwrap_or(0);
    let (mut at, mut beside) = (0, 0);
    let mut all = Vec::new();
    loop {
        match (first.get(at), second.get(beside)) {
            (Some(one), Some(other)) if one == other => {
                all.push(Line::Both(one));
                (at, beside) = (at + 1, beside + 1);
            }
            // What is gone stands before what came in its place.
            (Some(one), other) if other.is_none() || length(at + 1, beside) >= length(at, beside + 1) => {
                all.push(Line::First(one));
                at += 1;
            }
            (_, Some(other)) => {
                all.push(Line::Second(other));
                beside += 1;
            }
            _ => return all,
        }
    }
}

/// How many lines, in their order, have the rests of both from each pair of places on in common.
fn common_lengths(first: &[&str], second: &[&str]) -> Vec<Vec<u32>> {
    let mut rows = vec![vec![0; second.len() + 1]];
    for one in first.iter().rev() {
        let below = rows.last().map_or(&[][..], Vec::as_slice);
        let mut row = vec![0; second.len() + 1];
        let mut right = 0;
        for (place, other) in second.iter().enumerate().rev() {
            let [down, diagonal] = [place, place + 1].map(|at| below.get(at).copied().unwrap_or(0));
            right = if one == other { diagonal + 1 } else { down.max(right) };
            if let Some(cell) = row.get_mut(place) {
                *cell = right;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// The same without what is far from any difference.
fn shortened(all: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let differs = |line: &Line<'_>| !matches!(line, Line::Both(_));
    let mut near = vec![false; all.len()];
    for (place, _) in all.iter().enumerate().filter(|(_, line)| differs(line)) {
        let until = (place + AROUND + 1).min(all.len());
        near.get_mut(place.saturating_sub(AROUND)..until).unwrap_or_default().fill(true);
    }
    let mut shown = Vec::new();
    for (line, near) in all.into_iter().zip(near) {
        match (near, shown.last_mut()) {
            (true, _) => shown.push(line),
            (false, Some(Line::Gap(count))) => *count += 1,
            (false, _) => shown.push(Line::Gap(1)),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(first: &str, second: &str) -> String {
        let line = |line: &Line<'_>| match line {
            Line::Both(line) => format!("={line}"),
            Line::First(line) => format!("-{line}"),
            Line::Second(line) => format!("+{line}"),
            Line::Gap(count) => format!("…{count}"),
        };
        diff(first, second).iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_of_one_text_alone_are_marked() {
        assert_eq!(shown("a\nb\nc", "a\nx\nc"), "=a -b +x =c");
        assert_eq!(shown("a\nc", "a\nb\nc"), "=a +b =c");
        assert_eq!(shown("a\nb", "b"), "-a =b");
        assert_eq!(shown("", "a"), "+a");
        assert_eq!(shown("a\nb\nc\nd", "b\nx\nd\ne"), "-a =b -c +x =d +e");
    }

    #[test]
    fn what_is_the_same_far_away_is_counted() {
        let many = |last: &str| format!("1\n2\n3\n4\n5\n6\n7\n8\n9\n{last}");
        assert_eq!(shown(&many("a"), &many("b")), "…6 =7 =8 =9 -a +b");
        assert_eq!(shown("same", "same"), "…1");
    }

    #[test]
    fn what_is_too_large_to_be_held_against_each_other_is_replaced() {
        let (first, second) = ("a\n".repeat(3000), "b\n".repeat(3000));
        assert_eq!(diff(&first, &second).len(), 6000);
    }
}

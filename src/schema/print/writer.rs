//! Lines at an indentation.

/// Appends lines to a string, two spaces a level.
pub(super) struct Writer<'a> {
    out: &'a mut String,
    level: usize,
    start: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(out: &'a mut String) -> Self {
        let start = out.len();
        Self { out, level: 0, start }
    }

    /// Every line of `text`, indented.
    pub(super) fn text(&mut self, text: &str) {
        for line in text.split('\n') {
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n("  ", self.level));
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// Adds to the end of the line written last.
    pub(super) fn append(&mut self, text: &str) {
        if self.out.ends_with('\n') {
            self.out.pop();
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// An empty line, unless there is one already or nothing has been written yet.
    pub(super) fn blank(&mut self) {
        if self.out.len() > self.start && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A blank line between the elements of a block, none after its opening brace.
    pub(super) fn separate(&mut self) {
        if !self.out.ends_with("{\n") {
            self.blank();
        }
    }

    /// Takes away blank lines at the end.
    pub(super) fn end(&mut self) {
        while self.out.len() > self.start + 1 && self.out.ends_with("\n\n") {
            self.out.pop();
        }
    }

    pub(super) fn indent(&mut self) {
        self.level += 1;
    }

    pub(super) fn dedent(&mut self) {
        self.level = self.level.saturating_sub(1);
    }

    /// Where the text ends now, for [`Writer::close`].
    pub(super) fn mark(&self) -> usize {
        self.out.len()
    }

    /// Ends the block opened at `mark`, on the same line if nothing was written since.
    pub(super) fn close(&mut self, mark: usize) {
        if self.out.len() == mark {
            self.append("}");
            return;
        }
        self.end();
        self.text("}");
    }
}

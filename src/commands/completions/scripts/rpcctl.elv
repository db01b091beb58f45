# Completion of rpcctl in elvish. Made by `rpcctl completions elvish`; `rpcctl completions install` puts it in its place.

use str

set edit:completion:arg-completer[rpcctl] = {|@words|
    var current = $words[-1]
    try {
        (external $words[0]) complete elvish -- $@words 2>/dev/null | from-lines
    } catch e { } | each {|answer|
        var kind = $answer[0]
        var parts = [(str:split &max=2 "\t" $answer[1..])]
        var text = $parts[0]
        if (has-value [= +] $kind) {
            var suffix = (if (eq $kind =) { put ' ' } else { put '' })
            var shown = $text
            if (and (> (count $parts) 1) (not-eq $parts[1] '')) {
                set shown = $text'  -- '$parts[1]
            }
            edit:complex-candidate &code-suffix=$suffix &display=$shown $text
        } else {
            edit:complete-filename $current[(count $text)..] | each {|file|
                edit:complex-candidate $text$file[stem] &code-suffix=$file[code-suffix]
            }
        }
    }
}

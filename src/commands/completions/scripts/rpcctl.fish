# Completion of rpcctl in fish. Made by `rpcctl completions fish`; `rpcctl completions install` puts it in its place.

function __rpcctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    for answer in (command $program complete fish -- $words $current 2>/dev/null)
        set -l rest (string sub -s 2 -- $answer)
        switch (string sub -l 1 -- $answer)
            case '=' '+'
                # fish adds no space behind a word that ends in one of / = : . @
                echo $rest
            case '@'
                set -l path (string sub -s (math 1 + (string length -- "$rest")) -- $current)
                for file in (__fish_complete_path "$path" | string replace -r '\t.*' '')
                    echo $rest$file
                end
            case '/'
                set -l path (string sub -s (math 1 + (string length -- "$rest")) -- $current)
                for folder in (__fish_complete_directories "$path" | string replace -r '\t.*' '')
                    echo $rest$folder
                end
        end
    end
end

complete -c rpcctl -f -k -a '(__rpcctl_complete)'

# Completion of rpcctl in PowerShell. Made by `rpcctl completions powershell`; `rpcctl completions install` puts it in
# its place.

Register-ArgumentCompleter -Native -CommandName rpcctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    $answers = & $words[0] complete powershell '--' @words "$wordToComplete" 2>$null
    # Where a file belongs there are no answers of the first two kinds, and PowerShell completes files by itself.
    foreach ($answer in $answers) {
        $text, $help = $answer.Substring(1).Split("`t", 2)
        if (-not $help) { $help = $text }
        if ($answer[0] -eq '=' -or $answer[0] -eq '+') {
            [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $help)
        }
    }
}


using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'rpcctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'rpcctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'rpcctl' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to print in colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List services, or the methods of one')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show a service, method, message, field, enum or extension as proto source')
            [CompletionResult]::new('call', 'call', [CompletionResultType]::ParameterValue, 'Call a method')
            [CompletionResult]::new('serve-demo', 'serve-demo', [CompletionResultType]::ParameterValue, 'Run a demo server: greeters, every call shape, errors, metadata, all field kinds')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show what configuration files say, check them, trust a folder''s')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Show the manual page, or a verb''s')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'rpcctl;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Speak TLS and trust these certificates (PEM; repeatable)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Speak TLS and identify with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM) [default: in the --cert file]')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'Speak TLS, and send and verify this name in it')
            [CompletionResult]::new('--authority', '--authority', [CompletionResultType]::ParameterName, 'Send this as :authority [default: the target]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'Send this as user-agent [default: rpcctl/VERSION]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Give up connecting after this long')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The deadline for everything: connecting, schema and call')
            [CompletionResult]::new('--keepalive-time', '--keepalive-time', [CompletionResultType]::ParameterName, 'Ask a silent server whether it is still there, this often')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Take what is not given here from this profile [env: RPCCTL_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this configuration file instead of those')
            [CompletionResult]::new('--proto', '--proto', [CompletionResultType]::ParameterName, 'Take the schema from .proto files (repeatable)')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--import-path', '--import-path', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--descriptor-set', '--descriptor-set', [CompletionResultType]::ParameterName, 'Take the schema from a FileDescriptorSet (repeatable)')
            [CompletionResult]::new('--reflection', '--reflection', [CompletionResultType]::ParameterName, 'Which server reflection to use')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--reflect-header', '--reflect-header', [CompletionResultType]::ParameterName, 'Send a header with reflection alone (repeatable)')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'With request and response types and kinds of stream')
            [CompletionResult]::new('--long', '--long', [CompletionResultType]::ParameterName, 'With request and response types and kinds of stream')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Tell secrets too: what authorization, x-api-key and their like hold')
            [CompletionResult]::new('--plaintext', '--plaintext', [CompletionResultType]::ParameterName, 'Speak plaintext [default on loopback and unix sockets]')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Speak TLS [default beyond this machine]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak TLS to whoever answers, unverified')
            [CompletionResult]::new('--expand-headers', '--expand-headers', [CompletionResultType]::ParameterName, 'Put environment variables into headers, for ${NAME}')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;describe' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Speak TLS and trust these certificates (PEM; repeatable)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Speak TLS and identify with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM) [default: in the --cert file]')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'Speak TLS, and send and verify this name in it')
            [CompletionResult]::new('--authority', '--authority', [CompletionResultType]::ParameterName, 'Send this as :authority [default: the target]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'Send this as user-agent [default: rpcctl/VERSION]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Give up connecting after this long')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The deadline for everything: connecting, schema and call')
            [CompletionResult]::new('--keepalive-time', '--keepalive-time', [CompletionResultType]::ParameterName, 'Ask a silent server whether it is still there, this often')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Take what is not given here from this profile [env: RPCCTL_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this configuration file instead of those')
            [CompletionResult]::new('--proto', '--proto', [CompletionResultType]::ParameterName, 'Take the schema from .proto files (repeatable)')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--import-path', '--import-path', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--descriptor-set', '--descriptor-set', [CompletionResultType]::ParameterName, 'Take the schema from a FileDescriptorSet (repeatable)')
            [CompletionResult]::new('--reflection', '--reflection', [CompletionResultType]::ParameterName, 'Which server reflection to use')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--reflect-header', '--reflect-header', [CompletionResultType]::ParameterName, 'Send a header with reflection alone (repeatable)')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Print JSON to fill in: a message, or a method''s request')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Tell secrets too: what authorization, x-api-key and their like hold')
            [CompletionResult]::new('--plaintext', '--plaintext', [CompletionResultType]::ParameterName, 'Speak plaintext [default on loopback and unix sockets]')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Speak TLS [default beyond this machine]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak TLS to whoever answers, unverified')
            [CompletionResult]::new('--expand-headers', '--expand-headers', [CompletionResultType]::ParameterName, 'Put environment variables into headers, for ${NAME}')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;call' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Send these messages: JSON, @FILE, or @ for stdin (repeatable)')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Send these messages: JSON, @FILE, or @ for stdin (repeatable)')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'How messages are written: in -d, files and stdin [default: json]')
            [CompletionResult]::new('--input', '--input', [CompletionResultType]::ParameterName, 'How messages are written: in -d, files and stdin [default: json]')
            [CompletionResult]::new('--parallel', '--parallel', [CompletionResultType]::ParameterName, 'How many calls of --each may be under way at once [default: 1]')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'End the call after so many answers')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest answer taken, such as 64M; 0 is no limit')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How answers are printed [default: json]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How answers are printed [default: json]')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Print what this expression makes of each message, in jq''s language')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, '--input and --output at once')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The Go type of a net/rpc argument [default: inferred]')
            [CompletionResult]::new('--max-in-flight', '--max-in-flight', [CompletionResultType]::ParameterName, 'How many net/rpc calls may await answers at once [default: 100]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Speak TLS and trust these certificates (PEM; repeatable)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Speak TLS and identify with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM) [default: in the --cert file]')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'Speak TLS, and send and verify this name in it')
            [CompletionResult]::new('--authority', '--authority', [CompletionResultType]::ParameterName, 'Send this as :authority [default: the target]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'Send this as user-agent [default: rpcctl/VERSION]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Give up connecting after this long')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The deadline for everything: connecting, schema and call')
            [CompletionResult]::new('--keepalive-time', '--keepalive-time', [CompletionResultType]::ParameterName, 'Ask a silent server whether it is still there, this often')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Take what is not given here from this profile [env: RPCCTL_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this configuration file instead of those')
            [CompletionResult]::new('--proto', '--proto', [CompletionResultType]::ParameterName, 'Take the schema from .proto files (repeatable)')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--import-path', '--import-path', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--descriptor-set', '--descriptor-set', [CompletionResultType]::ParameterName, 'Take the schema from a FileDescriptorSet (repeatable)')
            [CompletionResult]::new('--reflection', '--reflection', [CompletionResultType]::ParameterName, 'Which server reflection to use')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--reflect-header', '--reflect-header', [CompletionResultType]::ParameterName, 'Send a header with reflection alone (repeatable)')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--rpc-header', '--rpc-header', [CompletionResultType]::ParameterName, 'Send a header with the call alone (repeatable)')
            [CompletionResult]::new('--prompt', '--prompt', [CompletionResultType]::ParameterName, 'Ask for each field of the request on the terminal')
            [CompletionResult]::new('--each', '--each', [CompletionResultType]::ParameterName, 'Make each message a call of its own, on one connection')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Resolve, encode and print what would be sent, and send no call')
            [CompletionResult]::new('--allow-unknown-fields', '--allow-unknown-fields', [CompletionResultType]::ParameterName, 'Pass over JSON members that the message does not have')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Print strings without quotes')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print strings without quotes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell about connection, headers, trailers, status and timings on stderr; -vv tells all')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell about connection, headers, trailers, status and timings on stderr; -vv tells all')
            [CompletionResult]::new('--show-secrets', '--show-secrets', [CompletionResultType]::ParameterName, 'Tell secrets too: what authorization, x-api-key and their like hold')
            [CompletionResult]::new('--emit-defaults', '--emit-defaults', [CompletionResultType]::ParameterName, 'Print fields that hold their default and track no presence')
            [CompletionResult]::new('--proto-names', '--proto-names', [CompletionResultType]::ParameterName, 'Print field names as in the .proto file')
            [CompletionResult]::new('--enum-numbers', '--enum-numbers', [CompletionResultType]::ParameterName, 'Print enums as numbers')
            [CompletionResult]::new('--int64-numbers', '--int64-numbers', [CompletionResultType]::ParameterName, 'Print 64-bit integers as numbers, which some readers round')
            [CompletionResult]::new('--plaintext', '--plaintext', [CompletionResultType]::ParameterName, 'Speak plaintext [default on loopback and unix sockets]')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Speak TLS [default beyond this machine]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak TLS to whoever answers, unverified')
            [CompletionResult]::new('--expand-headers', '--expand-headers', [CompletionResultType]::ParameterName, 'Put environment variables into headers, for ${NAME}')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;serve-demo' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Listen on this address (repeatable; port 0 = a free one) [default: 127.0.0.1:50051]')
            [CompletionResult]::new('--unix', '--unix', [CompletionResultType]::ParameterName, 'Listen on a unix socket (repeatable); without --listen, on nothing else')
            [CompletionResult]::new('--netrpc', '--netrpc', [CompletionResultType]::ParameterName, 'Serve Go''s net/rpc here: gob, gob over HTTP and JSON-RPC (repeatable); without --listen, nothing else')
            [CompletionResult]::new('--write-cert', '--write-cert', [CompletionResultType]::ParameterName, 'Save the self-signed certificate (PEM), for clients'' --cacert; replaces a certificate and nothing else')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Serve TLS with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM)')
            [CompletionResult]::new('--client-ca', '--client-ca', [CompletionResultType]::ParameterName, 'Refuse clients without a certificate from one of these authorities (PEM)')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Print one line a call on stderr')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'Refuse calls without `authorization: Bearer TOKEN`')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Refuse more than N calls a second')
            [CompletionResult]::new('--latency', '--latency', [CompletionResultType]::ParameterName, 'Wait before handling each call, e.g. 250ms or 2s')
            [CompletionResult]::new('--fail-rate', '--fail-rate', [CompletionResultType]::ParameterName, 'Fail calls with this probability, from 0 to 1')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to print in colours')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Serve TLS with a self-signed certificate made in memory')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;config' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every value in force, and where it comes from')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Name the files, your own first, then the folder''s')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Look for what makes no sense, in every profile')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Let all of a folder''s file count, as it is now')
            [CompletionResult]::new('untrust', 'untrust', [CompletionResultType]::ParameterValue, 'Let a folder''s file count for schema and output alone again')
            break
        }
        'rpcctl;config;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]')
            [CompletionResult]::new('--cacert', '--cacert', [CompletionResultType]::ParameterName, 'Speak TLS and trust these certificates (PEM; repeatable)')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Speak TLS and identify with this certificate chain (PEM)')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key of --cert (PEM) [default: in the --cert file]')
            [CompletionResult]::new('--server-name', '--server-name', [CompletionResultType]::ParameterName, 'Speak TLS, and send and verify this name in it')
            [CompletionResult]::new('--authority', '--authority', [CompletionResultType]::ParameterName, 'Send this as :authority [default: the target]')
            [CompletionResult]::new('--user-agent', '--user-agent', [CompletionResultType]::ParameterName, 'Send this as user-agent [default: rpcctl/VERSION]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Give up connecting after this long')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The deadline for everything: connecting, schema and call')
            [CompletionResult]::new('--keepalive-time', '--keepalive-time', [CompletionResultType]::ParameterName, 'Ask a silent server whether it is still there, this often')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Take what is not given here from this profile [env: RPCCTL_PROFILE]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read this configuration file instead of those')
            [CompletionResult]::new('--proto', '--proto', [CompletionResultType]::ParameterName, 'Take the schema from .proto files (repeatable)')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--import-path', '--import-path', [CompletionResultType]::ParameterName, 'Where imports of --proto files are looked for (repeatable)')
            [CompletionResult]::new('--descriptor-set', '--descriptor-set', [CompletionResultType]::ParameterName, 'Take the schema from a FileDescriptorSet (repeatable)')
            [CompletionResult]::new('--reflection', '--reflection', [CompletionResultType]::ParameterName, 'Which server reflection to use')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Send a header, or those that stand in a file (repeatable)')
            [CompletionResult]::new('--reflect-header', '--reflect-header', [CompletionResultType]::ParameterName, 'Send a header with reflection alone (repeatable)')
            [CompletionResult]::new('--bearer', '--bearer', [CompletionResultType]::ParameterName, 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Send a name and a password, as ''authorization: Basic …''')
            [CompletionResult]::new('--rpc-header', '--rpc-header', [CompletionResultType]::ParameterName, 'Send a header with the call alone (repeatable)')
            [CompletionResult]::new('--emit-defaults', '--emit-defaults', [CompletionResultType]::ParameterName, 'Print fields that hold their default and track no presence')
            [CompletionResult]::new('--proto-names', '--proto-names', [CompletionResultType]::ParameterName, 'Print field names as in the .proto file')
            [CompletionResult]::new('--enum-numbers', '--enum-numbers', [CompletionResultType]::ParameterName, 'Print enums as numbers')
            [CompletionResult]::new('--int64-numbers', '--int64-numbers', [CompletionResultType]::ParameterName, 'Print 64-bit integers as numbers, which some readers round')
            [CompletionResult]::new('--plaintext', '--plaintext', [CompletionResultType]::ParameterName, 'Speak plaintext [default on loopback and unix sockets]')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Speak TLS [default beyond this machine]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Speak TLS to whoever answers, unverified')
            [CompletionResult]::new('--expand-headers', '--expand-headers', [CompletionResultType]::ParameterName, 'Put environment variables into headers, for ${NAME}')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;config;path' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'This file instead of those')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'rpcctl;config;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'This file instead of those')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'rpcctl;config;trust' {
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List what is trusted instead')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'rpcctl;config;untrust' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'rpcctl;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to print in colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;man' {
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Write the pages of all verbs to this folder instead: rpcctl.1, rpcctl-call.1 and so on')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to print in colours')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'rpcctl;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List services, or the methods of one')
            [CompletionResult]::new('describe', 'describe', [CompletionResultType]::ParameterValue, 'Show a service, method, message, field, enum or extension as proto source')
            [CompletionResult]::new('call', 'call', [CompletionResultType]::ParameterValue, 'Call a method')
            [CompletionResult]::new('serve-demo', 'serve-demo', [CompletionResultType]::ParameterValue, 'Run a demo server: greeters, every call shape, errors, metadata, all field kinds')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show what configuration files say, check them, trust a folder''s')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Show the manual page, or a verb''s')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'rpcctl;help;list' {
            break
        }
        'rpcctl;help;describe' {
            break
        }
        'rpcctl;help;call' {
            break
        }
        'rpcctl;help;serve-demo' {
            break
        }
        'rpcctl;help;config' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every value in force, and where it comes from')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Name the files, your own first, then the folder''s')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Look for what makes no sense, in every profile')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Let all of a folder''s file count, as it is now')
            [CompletionResult]::new('untrust', 'untrust', [CompletionResultType]::ParameterValue, 'Let a folder''s file count for schema and output alone again')
            break
        }
        'rpcctl;help;config;show' {
            break
        }
        'rpcctl;help;config;path' {
            break
        }
        'rpcctl;help;config;check' {
            break
        }
        'rpcctl;help;config;trust' {
            break
        }
        'rpcctl;help;config;untrust' {
            break
        }
        'rpcctl;help;completions' {
            break
        }
        'rpcctl;help;man' {
            break
        }
        'rpcctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

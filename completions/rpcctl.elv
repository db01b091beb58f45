
use builtin;
use str;

set edit:completion:arg-completer[rpcctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'rpcctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'rpcctl'= {
            cand --color 'When to print in colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List services, or the methods of one'
            cand describe 'Show a service, method, message, field, enum or extension as proto source'
            cand call 'Call a method'
            cand serve-demo 'Run a demo server: greeters, every call shape, errors, metadata, all field kinds'
            cand config 'Show what configuration files say, check them, trust a folder''s'
            cand completions 'Print a completion script for a shell'
            cand man 'Show the manual page, or a verb''s'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'rpcctl;list'= {
            cand -o 'How to print'
            cand --output 'How to print'
            cand -a 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --address 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --cacert 'Speak TLS and trust these certificates (PEM; repeatable)'
            cand --cert 'Speak TLS and identify with this certificate chain (PEM)'
            cand --key 'Private key of --cert (PEM) [default: in the --cert file]'
            cand --server-name 'Speak TLS, and send and verify this name in it'
            cand --authority 'Send this as :authority [default: the target]'
            cand --user-agent 'Send this as user-agent [default: rpcctl/VERSION]'
            cand --connect-timeout 'Give up connecting after this long'
            cand --timeout 'The deadline for everything: connecting, schema and call'
            cand --keepalive-time 'Ask a silent server whether it is still there, this often'
            cand --profile 'Take what is not given here from this profile [env: RPCCTL_PROFILE]'
            cand --config 'Read this configuration file instead of those'
            cand --proto 'Take the schema from .proto files (repeatable)'
            cand -I 'Where imports of --proto files are looked for (repeatable)'
            cand --import-path 'Where imports of --proto files are looked for (repeatable)'
            cand --descriptor-set 'Take the schema from a FileDescriptorSet (repeatable)'
            cand --reflection 'Which server reflection to use'
            cand -H 'Send a header, or those that stand in a file (repeatable)'
            cand --header 'Send a header, or those that stand in a file (repeatable)'
            cand --reflect-header 'Send a header with reflection alone (repeatable)'
            cand --bearer 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]'
            cand -u 'Send a name and a password, as ''authorization: Basic …'''
            cand --user 'Send a name and a password, as ''authorization: Basic …'''
            cand -l 'With request and response types and kinds of stream'
            cand --long 'With request and response types and kinds of stream'
            cand -v 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all'
            cand --verbose 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all'
            cand --show-secrets 'Tell secrets too: what authorization, x-api-key and their like hold'
            cand --plaintext 'Speak plaintext [default on loopback and unix sockets]'
            cand --tls 'Speak TLS [default beyond this machine]'
            cand --insecure 'Speak TLS to whoever answers, unverified'
            cand --expand-headers 'Put environment variables into headers, for ${NAME}'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;describe'= {
            cand -o 'How to print'
            cand --output 'How to print'
            cand -a 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --address 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --cacert 'Speak TLS and trust these certificates (PEM; repeatable)'
            cand --cert 'Speak TLS and identify with this certificate chain (PEM)'
            cand --key 'Private key of --cert (PEM) [default: in the --cert file]'
            cand --server-name 'Speak TLS, and send and verify this name in it'
            cand --authority 'Send this as :authority [default: the target]'
            cand --user-agent 'Send this as user-agent [default: rpcctl/VERSION]'
            cand --connect-timeout 'Give up connecting after this long'
            cand --timeout 'The deadline for everything: connecting, schema and call'
            cand --keepalive-time 'Ask a silent server whether it is still there, this often'
            cand --profile 'Take what is not given here from this profile [env: RPCCTL_PROFILE]'
            cand --config 'Read this configuration file instead of those'
            cand --proto 'Take the schema from .proto files (repeatable)'
            cand -I 'Where imports of --proto files are looked for (repeatable)'
            cand --import-path 'Where imports of --proto files are looked for (repeatable)'
            cand --descriptor-set 'Take the schema from a FileDescriptorSet (repeatable)'
            cand --reflection 'Which server reflection to use'
            cand -H 'Send a header, or those that stand in a file (repeatable)'
            cand --header 'Send a header, or those that stand in a file (repeatable)'
            cand --reflect-header 'Send a header with reflection alone (repeatable)'
            cand --bearer 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]'
            cand -u 'Send a name and a password, as ''authorization: Basic …'''
            cand --user 'Send a name and a password, as ''authorization: Basic …'''
            cand --template 'Print JSON to fill in: a message, or a method''s request'
            cand -v 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all'
            cand --verbose 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all'
            cand --show-secrets 'Tell secrets too: what authorization, x-api-key and their like hold'
            cand --plaintext 'Speak plaintext [default on loopback and unix sockets]'
            cand --tls 'Speak TLS [default beyond this machine]'
            cand --insecure 'Speak TLS to whoever answers, unverified'
            cand --expand-headers 'Put environment variables into headers, for ${NAME}'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;call'= {
            cand -d 'Send these messages: JSON, @FILE, or @ for stdin (repeatable)'
            cand --data 'Send these messages: JSON, @FILE, or @ for stdin (repeatable)'
            cand -i 'How messages are written: in -d, files and stdin [default: json]'
            cand --input 'How messages are written: in -d, files and stdin [default: json]'
            cand --parallel 'How many calls of --each may be under way at once [default: 1]'
            cand --limit 'End the call after so many answers'
            cand --max-message-size 'The largest answer taken, such as 64M; 0 is no limit'
            cand -o 'How answers are printed [default: json]'
            cand --output 'How answers are printed [default: json]'
            cand --jq 'Print what this expression makes of each message, in jq''s language'
            cand --format '--input and --output at once'
            cand --type 'The Go type of a net/rpc argument [default: inferred]'
            cand --max-in-flight 'How many net/rpc calls may await answers at once [default: 100]'
            cand -a 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --address 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --cacert 'Speak TLS and trust these certificates (PEM; repeatable)'
            cand --cert 'Speak TLS and identify with this certificate chain (PEM)'
            cand --key 'Private key of --cert (PEM) [default: in the --cert file]'
            cand --server-name 'Speak TLS, and send and verify this name in it'
            cand --authority 'Send this as :authority [default: the target]'
            cand --user-agent 'Send this as user-agent [default: rpcctl/VERSION]'
            cand --connect-timeout 'Give up connecting after this long'
            cand --timeout 'The deadline for everything: connecting, schema and call'
            cand --keepalive-time 'Ask a silent server whether it is still there, this often'
            cand --profile 'Take what is not given here from this profile [env: RPCCTL_PROFILE]'
            cand --config 'Read this configuration file instead of those'
            cand --proto 'Take the schema from .proto files (repeatable)'
            cand -I 'Where imports of --proto files are looked for (repeatable)'
            cand --import-path 'Where imports of --proto files are looked for (repeatable)'
            cand --descriptor-set 'Take the schema from a FileDescriptorSet (repeatable)'
            cand --reflection 'Which server reflection to use'
            cand -H 'Send a header, or those that stand in a file (repeatable)'
            cand --header 'Send a header, or those that stand in a file (repeatable)'
            cand --reflect-header 'Send a header with reflection alone (repeatable)'
            cand --bearer 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]'
            cand -u 'Send a name and a password, as ''authorization: Basic …'''
            cand --user 'Send a name and a password, as ''authorization: Basic …'''
            cand --rpc-header 'Send a header with the call alone (repeatable)'
            cand --prompt 'Ask for each field of the request on the terminal'
            cand --each 'Make each message a call of its own, on one connection'
            cand --dry-run 'Resolve, encode and print what would be sent, and send no call'
            cand --allow-unknown-fields 'Pass over JSON members that the message does not have'
            cand -r 'Print strings without quotes'
            cand --raw 'Print strings without quotes'
            cand -v 'Tell about connection, headers, trailers, status and timings on stderr; -vv tells all'
            cand --verbose 'Tell about connection, headers, trailers, status and timings on stderr; -vv tells all'
            cand --show-secrets 'Tell secrets too: what authorization, x-api-key and their like hold'
            cand --emit-defaults 'Print fields that hold their default and track no presence'
            cand --proto-names 'Print field names as in the .proto file'
            cand --enum-numbers 'Print enums as numbers'
            cand --int64-numbers 'Print 64-bit integers as numbers, which some readers round'
            cand --plaintext 'Speak plaintext [default on loopback and unix sockets]'
            cand --tls 'Speak TLS [default beyond this machine]'
            cand --insecure 'Speak TLS to whoever answers, unverified'
            cand --expand-headers 'Put environment variables into headers, for ${NAME}'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;serve-demo'= {
            cand --listen 'Listen on this address (repeatable; port 0 = a free one) [default: 127.0.0.1:50051]'
            cand --unix 'Listen on a unix socket (repeatable); without --listen, on nothing else'
            cand --netrpc 'Serve Go''s net/rpc here: gob, gob over HTTP and JSON-RPC (repeatable); without --listen, nothing else'
            cand --write-cert 'Save the self-signed certificate (PEM), for clients'' --cacert; replaces a certificate and nothing else'
            cand --cert 'Serve TLS with this certificate chain (PEM)'
            cand --key 'Private key of --cert (PEM)'
            cand --client-ca 'Refuse clients without a certificate from one of these authorities (PEM)'
            cand --log 'Print one line a call on stderr'
            cand --token 'Refuse calls without `authorization: Bearer TOKEN`'
            cand --rate 'Refuse more than N calls a second'
            cand --latency 'Wait before handling each call, e.g. 250ms or 2s'
            cand --fail-rate 'Fail calls with this probability, from 0 to 1'
            cand --color 'When to print in colours'
            cand --tls 'Serve TLS with a self-signed certificate made in memory'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;config'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Show every value in force, and where it comes from'
            cand path 'Name the files, your own first, then the folder''s'
            cand check 'Look for what makes no sense, in every profile'
            cand trust 'Let all of a folder''s file count, as it is now'
            cand untrust 'Let a folder''s file count for schema and output alone again'
        }
        &'rpcctl;config;show'= {
            cand -o 'How to print'
            cand --output 'How to print'
            cand -a 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --address 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]'
            cand --cacert 'Speak TLS and trust these certificates (PEM; repeatable)'
            cand --cert 'Speak TLS and identify with this certificate chain (PEM)'
            cand --key 'Private key of --cert (PEM) [default: in the --cert file]'
            cand --server-name 'Speak TLS, and send and verify this name in it'
            cand --authority 'Send this as :authority [default: the target]'
            cand --user-agent 'Send this as user-agent [default: rpcctl/VERSION]'
            cand --connect-timeout 'Give up connecting after this long'
            cand --timeout 'The deadline for everything: connecting, schema and call'
            cand --keepalive-time 'Ask a silent server whether it is still there, this often'
            cand --profile 'Take what is not given here from this profile [env: RPCCTL_PROFILE]'
            cand --config 'Read this configuration file instead of those'
            cand --proto 'Take the schema from .proto files (repeatable)'
            cand -I 'Where imports of --proto files are looked for (repeatable)'
            cand --import-path 'Where imports of --proto files are looked for (repeatable)'
            cand --descriptor-set 'Take the schema from a FileDescriptorSet (repeatable)'
            cand --reflection 'Which server reflection to use'
            cand -H 'Send a header, or those that stand in a file (repeatable)'
            cand --header 'Send a header, or those that stand in a file (repeatable)'
            cand --reflect-header 'Send a header with reflection alone (repeatable)'
            cand --bearer 'Send this token, as ''authorization: Bearer TOKEN'' [env: RPCCTL_TOKEN]'
            cand -u 'Send a name and a password, as ''authorization: Basic …'''
            cand --user 'Send a name and a password, as ''authorization: Basic …'''
            cand --rpc-header 'Send a header with the call alone (repeatable)'
            cand --emit-defaults 'Print fields that hold their default and track no presence'
            cand --proto-names 'Print field names as in the .proto file'
            cand --enum-numbers 'Print enums as numbers'
            cand --int64-numbers 'Print 64-bit integers as numbers, which some readers round'
            cand --plaintext 'Speak plaintext [default on loopback and unix sockets]'
            cand --tls 'Speak TLS [default beyond this machine]'
            cand --insecure 'Speak TLS to whoever answers, unverified'
            cand --expand-headers 'Put environment variables into headers, for ${NAME}'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;config;path'= {
            cand --config 'This file instead of those'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'rpcctl;config;check'= {
            cand --config 'This file instead of those'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'rpcctl;config;trust'= {
            cand --list 'List what is trusted instead'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'rpcctl;config;untrust'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'rpcctl;completions'= {
            cand --color 'When to print in colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;man'= {
            cand --write 'Write the pages of all verbs to this folder instead: rpcctl.1, rpcctl-call.1 and so on'
            cand --color 'When to print in colours'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'rpcctl;help'= {
            cand list 'List services, or the methods of one'
            cand describe 'Show a service, method, message, field, enum or extension as proto source'
            cand call 'Call a method'
            cand serve-demo 'Run a demo server: greeters, every call shape, errors, metadata, all field kinds'
            cand config 'Show what configuration files say, check them, trust a folder''s'
            cand completions 'Print a completion script for a shell'
            cand man 'Show the manual page, or a verb''s'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'rpcctl;help;list'= {
        }
        &'rpcctl;help;describe'= {
        }
        &'rpcctl;help;call'= {
        }
        &'rpcctl;help;serve-demo'= {
        }
        &'rpcctl;help;config'= {
            cand show 'Show every value in force, and where it comes from'
            cand path 'Name the files, your own first, then the folder''s'
            cand check 'Look for what makes no sense, in every profile'
            cand trust 'Let all of a folder''s file count, as it is now'
            cand untrust 'Let a folder''s file count for schema and output alone again'
        }
        &'rpcctl;help;config;show'= {
        }
        &'rpcctl;help;config;path'= {
        }
        &'rpcctl;help;config;check'= {
        }
        &'rpcctl;help;config;trust'= {
        }
        &'rpcctl;help;config;untrust'= {
        }
        &'rpcctl;help;completions'= {
        }
        &'rpcctl;help;man'= {
        }
        &'rpcctl;help;help'= {
        }
    ]
    $completions[$command]
}

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_rpcctl_global_optspecs
    string join \n color= h/help V/version
end

function __fish_rpcctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_rpcctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_rpcctl_using_subcommand
    set -l cmd (__fish_rpcctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c rpcctl -n "__fish_rpcctl_needs_command" -l color -d 'When to print in colours' -r -f -a "auto\t'On a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed'
always\t'Wherever it goes'
never\t'Nowhere'"
complete -c rpcctl -n "__fish_rpcctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -s V -l version -d 'Print version'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "list" -d 'List services, or the methods of one'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "describe" -d 'Show a service, method, message, field, enum or extension as proto source'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "call" -d 'Call a method'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "serve-demo" -d 'Run a demo server: greeters, every call shape, errors, metadata, all field kinds'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "config" -d 'Show what configuration files say, check them, trust a folder\'s'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "man" -d 'Show the manual page, or a verb\'s'
complete -c rpcctl -n "__fish_rpcctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s o -l output -d 'How to print' -r -f -a "text\t'For reading'
json\t'For programs: objects with names, types and paths'
table\t'All methods with their types, in columns under a head'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s a -l address -d 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l cacert -d 'Speak TLS and trust these certificates (PEM; repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l cert -d 'Speak TLS and identify with this certificate chain (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l key -d 'Private key of --cert (PEM) [default: in the --cert file]' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l server-name -d 'Speak TLS, and send and verify this name in it' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l authority -d 'Send this as :authority [default: the target]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l user-agent -d 'Send this as user-agent [default: rpcctl/VERSION]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l connect-timeout -d 'Give up connecting after this long' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l timeout -d 'The deadline for everything: connecting, schema and call' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l keepalive-time -d 'Ask a silent server whether it is still there, this often' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l profile -d 'Take what is not given here from this profile [env: RPCCTL_PROFILE]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l config -d 'Read this configuration file instead of those' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l proto -d 'Take the schema from .proto files (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s I -l import-path -d 'Where imports of --proto files are looked for (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l descriptor-set -d 'Take the schema from a FileDescriptorSet (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l reflection -d 'Which server reflection to use' -r -f -a "auto\t'v1, and v1alpha where the server lacks it'
v1\t'grpc.reflection.v1 alone'
v1alpha\t'grpc.reflection.v1alpha alone'
off\t'Ask the server nothing'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s H -l header -d 'Send a header, or those that stand in a file (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l reflect-header -d 'Send a header with reflection alone (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l bearer -d 'Send this token, as \'authorization: Bearer TOKEN\' [env: RPCCTL_TOKEN]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s u -l user -d 'Send a name and a password, as \'authorization: Basic …\'' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s l -l long -d 'With request and response types and kinds of stream'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s v -l verbose -d 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l show-secrets -d 'Tell secrets too: what authorization, x-api-key and their like hold'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l plaintext -d 'Speak plaintext [default on loopback and unix sockets]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l tls -d 'Speak TLS [default beyond this machine]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l insecure -d 'Speak TLS to whoever answers, unverified'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -l expand-headers -d 'Put environment variables into headers, for ${NAME}'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s o -l output -d 'How to print' -r -f -a "text\t'For reading'
json\t'For programs: objects with names, sources and descriptors'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s a -l address -d 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l cacert -d 'Speak TLS and trust these certificates (PEM; repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l cert -d 'Speak TLS and identify with this certificate chain (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l key -d 'Private key of --cert (PEM) [default: in the --cert file]' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l server-name -d 'Speak TLS, and send and verify this name in it' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l authority -d 'Send this as :authority [default: the target]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l user-agent -d 'Send this as user-agent [default: rpcctl/VERSION]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l connect-timeout -d 'Give up connecting after this long' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l timeout -d 'The deadline for everything: connecting, schema and call' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l keepalive-time -d 'Ask a silent server whether it is still there, this often' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l profile -d 'Take what is not given here from this profile [env: RPCCTL_PROFILE]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l config -d 'Read this configuration file instead of those' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l proto -d 'Take the schema from .proto files (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s I -l import-path -d 'Where imports of --proto files are looked for (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l descriptor-set -d 'Take the schema from a FileDescriptorSet (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l reflection -d 'Which server reflection to use' -r -f -a "auto\t'v1, and v1alpha where the server lacks it'
v1\t'grpc.reflection.v1 alone'
v1alpha\t'grpc.reflection.v1alpha alone'
off\t'Ask the server nothing'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s H -l header -d 'Send a header, or those that stand in a file (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l reflect-header -d 'Send a header with reflection alone (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l bearer -d 'Send this token, as \'authorization: Bearer TOKEN\' [env: RPCCTL_TOKEN]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s u -l user -d 'Send a name and a password, as \'authorization: Basic …\'' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l template -d 'Print JSON to fill in: a message, or a method\'s request'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s v -l verbose -d 'Tell about connection, reflection, repairs and timings on stderr; -vv tells all'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l show-secrets -d 'Tell secrets too: what authorization, x-api-key and their like hold'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l plaintext -d 'Speak plaintext [default on loopback and unix sockets]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l tls -d 'Speak TLS [default beyond this machine]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l insecure -d 'Speak TLS to whoever answers, unverified'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -l expand-headers -d 'Put environment variables into headers, for ${NAME}'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand describe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s d -l data -d 'Send these messages: JSON, @FILE, or @ for stdin (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s i -l input -d 'How messages are written: in -d, files and stdin [default: json]' -r -f -a "json\t'JSON'
text\t'Protobuf text format'
yaml\t'YAML; --- stands between two documents'
binary\t'The bytes; each behind its length (a varint) where a method takes a stream'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l parallel -d 'How many calls of --each may be under way at once [default: 1]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l limit -d 'End the call after so many answers' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l max-message-size -d 'The largest answer taken, such as 64M; 0 is no limit' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s o -l output -d 'How answers are printed [default: json]' -r -f -a "json\t'Pretty JSON'
jsonl\t'JSON, one line a message'
table\t'Columns under a head: the items of a message\'s one list, or a row a message'
text\t'Protobuf text format, messages separated by 0x1E'
exchange\t'All that happens, as one JSON document: metadata, messages, timings, status'
binary\t'The bytes; each behind its length (a varint) where a method answers with a stream'
none\t'Nothing'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l jq -d 'Print what this expression makes of each message, in jq\'s language' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l format -d '--input and --output at once' -r -f -a "json\t'JSON'
text\t'Protobuf text format'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l type -d 'The Go type of a net/rpc argument [default: inferred]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l max-in-flight -d 'How many net/rpc calls may await answers at once [default: 100]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s a -l address -d 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l cacert -d 'Speak TLS and trust these certificates (PEM; repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l cert -d 'Speak TLS and identify with this certificate chain (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l key -d 'Private key of --cert (PEM) [default: in the --cert file]' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l server-name -d 'Speak TLS, and send and verify this name in it' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l authority -d 'Send this as :authority [default: the target]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l user-agent -d 'Send this as user-agent [default: rpcctl/VERSION]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l connect-timeout -d 'Give up connecting after this long' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l timeout -d 'The deadline for everything: connecting, schema and call' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l keepalive-time -d 'Ask a silent server whether it is still there, this often' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l profile -d 'Take what is not given here from this profile [env: RPCCTL_PROFILE]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l config -d 'Read this configuration file instead of those' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l proto -d 'Take the schema from .proto files (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s I -l import-path -d 'Where imports of --proto files are looked for (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l descriptor-set -d 'Take the schema from a FileDescriptorSet (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l reflection -d 'Which server reflection to use' -r -f -a "auto\t'v1, and v1alpha where the server lacks it'
v1\t'grpc.reflection.v1 alone'
v1alpha\t'grpc.reflection.v1alpha alone'
off\t'Ask the server nothing'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s H -l header -d 'Send a header, or those that stand in a file (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l reflect-header -d 'Send a header with reflection alone (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l bearer -d 'Send this token, as \'authorization: Bearer TOKEN\' [env: RPCCTL_TOKEN]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s u -l user -d 'Send a name and a password, as \'authorization: Basic …\'' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l rpc-header -d 'Send a header with the call alone (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l prompt -d 'Ask for each field of the request on the terminal'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l each -d 'Make each message a call of its own, on one connection'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l dry-run -d 'Resolve, encode and print what would be sent, and send no call'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l allow-unknown-fields -d 'Pass over JSON members that the message does not have'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s r -l raw -d 'Print strings without quotes'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s v -l verbose -d 'Tell about connection, headers, trailers, status and timings on stderr; -vv tells all'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l show-secrets -d 'Tell secrets too: what authorization, x-api-key and their like hold'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l emit-defaults -d 'Print fields that hold their default and track no presence'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l proto-names -d 'Print field names as in the .proto file'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l enum-numbers -d 'Print enums as numbers'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l int64-numbers -d 'Print 64-bit integers as numbers, which some readers round'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l plaintext -d 'Speak plaintext [default on loopback and unix sockets]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l tls -d 'Speak TLS [default beyond this machine]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l insecure -d 'Speak TLS to whoever answers, unverified'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -l expand-headers -d 'Put environment variables into headers, for ${NAME}'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand call" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l listen -d 'Listen on this address (repeatable; port 0 = a free one) [default: 127.0.0.1:50051]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l unix -d 'Listen on a unix socket (repeatable); without --listen, on nothing else' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l netrpc -d 'Serve Go\'s net/rpc here: gob, gob over HTTP and JSON-RPC (repeatable); without --listen, nothing else' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l write-cert -d 'Save the self-signed certificate (PEM), for clients\' --cacert; replaces a certificate and nothing else' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l cert -d 'Serve TLS with this certificate chain (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l key -d 'Private key of --cert (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l client-ca -d 'Refuse clients without a certificate from one of these authorities (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l log -d 'Print one line a call on stderr' -r -f -a "text\t'Words in columns'
json\t'One JSON object a line'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l token -d 'Refuse calls without `authorization: Bearer TOKEN`' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l rate -d 'Refuse more than N calls a second' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l latency -d 'Wait before handling each call, e.g. 250ms or 2s' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l fail-rate -d 'Fail calls with this probability, from 0 to 1' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l color -d 'When to print in colours' -r -f -a "auto\t'On a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed'
always\t'Wherever it goes'
never\t'Nowhere'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -l tls -d 'Serve TLS with a self-signed certificate made in memory'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand serve-demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and not __fish_seen_subcommand_from show path check trust untrust" -s h -l help -d 'Print help'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and not __fish_seen_subcommand_from show path check trust untrust" -f -a "show" -d 'Show every value in force, and where it comes from'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and not __fish_seen_subcommand_from show path check trust untrust" -f -a "path" -d 'Name the files, your own first, then the folder\'s'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and not __fish_seen_subcommand_from show path check trust untrust" -f -a "check" -d 'Look for what makes no sense, in every profile'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and not __fish_seen_subcommand_from show path check trust untrust" -f -a "trust" -d 'Let all of a folder\'s file count, as it is now'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and not __fish_seen_subcommand_from show path check trust untrust" -f -a "untrust" -d 'Let a folder\'s file count for schema and output alone again'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print' -r -f -a "text\t'For reading'
json\t'For programs: objects with names, sources and descriptors'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -s a -l address -d 'The server [env: RPCCTL_ADDRESS] [default: localhost:50051]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l cacert -d 'Speak TLS and trust these certificates (PEM; repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l cert -d 'Speak TLS and identify with this certificate chain (PEM)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l key -d 'Private key of --cert (PEM) [default: in the --cert file]' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l server-name -d 'Speak TLS, and send and verify this name in it' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l authority -d 'Send this as :authority [default: the target]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l user-agent -d 'Send this as user-agent [default: rpcctl/VERSION]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l connect-timeout -d 'Give up connecting after this long' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'The deadline for everything: connecting, schema and call' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l keepalive-time -d 'Ask a silent server whether it is still there, this often' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l profile -d 'Take what is not given here from this profile [env: RPCCTL_PROFILE]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Read this configuration file instead of those' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l proto -d 'Take the schema from .proto files (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -s I -l import-path -d 'Where imports of --proto files are looked for (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l descriptor-set -d 'Take the schema from a FileDescriptorSet (repeatable)' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l reflection -d 'Which server reflection to use' -r -f -a "auto\t'v1, and v1alpha where the server lacks it'
v1\t'grpc.reflection.v1 alone'
v1alpha\t'grpc.reflection.v1alpha alone'
off\t'Ask the server nothing'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -s H -l header -d 'Send a header, or those that stand in a file (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l reflect-header -d 'Send a header with reflection alone (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l bearer -d 'Send this token, as \'authorization: Bearer TOKEN\' [env: RPCCTL_TOKEN]' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -s u -l user -d 'Send a name and a password, as \'authorization: Basic …\'' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l rpc-header -d 'Send a header with the call alone (repeatable)' -r
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l emit-defaults -d 'Print fields that hold their default and track no presence'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l proto-names -d 'Print field names as in the .proto file'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l enum-numbers -d 'Print enums as numbers'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l int64-numbers -d 'Print 64-bit integers as numbers, which some readers round'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l plaintext -d 'Speak plaintext [default on loopback and unix sockets]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l tls -d 'Speak TLS [default beyond this machine]'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l insecure -d 'Speak TLS to whoever answers, unverified'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -l expand-headers -d 'Put environment variables into headers, for ${NAME}'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'This file instead of those' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'This file instead of those' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from trust" -l list -d 'List what is trusted instead'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from trust" -s h -l help -d 'Print help'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand config; and __fish_seen_subcommand_from untrust" -s h -l help -d 'Print help'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand man" -l write -d 'Write the pages of all verbs to this folder instead: rpcctl.1, rpcctl-call.1 and so on' -r -F
complete -c rpcctl -n "__fish_rpcctl_using_subcommand man" -l color -d 'When to print in colours' -r -f -a "auto\t'On a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed'
always\t'Wherever it goes'
never\t'Nowhere'"
complete -c rpcctl -n "__fish_rpcctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "list" -d 'List services, or the methods of one'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "describe" -d 'Show a service, method, message, field, enum or extension as proto source'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "call" -d 'Call a method'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "serve-demo" -d 'Run a demo server: greeters, every call shape, errors, metadata, all field kinds'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "config" -d 'Show what configuration files say, check them, trust a folder\'s'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "man" -d 'Show the manual page, or a verb\'s'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and not __fish_seen_subcommand_from list describe call serve-demo config completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every value in force, and where it comes from'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Name the files, your own first, then the folder\'s'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Look for what makes no sense, in every profile'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "trust" -d 'Let all of a folder\'s file count, as it is now'
complete -c rpcctl -n "__fish_rpcctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "untrust" -d 'Let a folder\'s file count for schema and output alone again'

# A small agent: reads its task, works by MCP in the terminal that people see, asks them, and does as they say.
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;

my $http = HTTP::Tiny->new(timeout => 120);
my $json = JSON::PP->new->utf8->canonical;
my ($number, $session) = (0, undef);

# One message to the MCP server; the result of the answer, be it JSON or a stream of events.
sub post {
    my ($message) = @_;
    my %headers = (
        "Content-Type" => "application/json",
        "Accept" => "application/json, text/event-stream",
        "Authorization" => "Bearer $ENV{VIBENV_TOKEN}",
        "MCP-Protocol-Version" => "2025-06-18",
    );
    $headers{"Mcp-Session-Id"} = $session if defined $session;
    my $answer = $http->post("$ENV{VIBENV_API}/mcp", {headers => \%headers, content => $json->encode($message)});
    die "$message->{method}: $answer->{status} $answer->{content}\n" unless $answer->{success};
    $session //= $answer->{headers}{"mcp-session-id"};
    return undef unless exists $message->{id};
    my @parts = ($answer->{headers}{"content-type"} // "") =~ /event-stream/
        ? $answer->{content} =~ /^data: ?(\{.*)$/mg
        : ($answer->{content});
    for my $part (@parts) {
        my $given = $json->decode($part);
        next unless defined $given->{id} && $given->{id} == $message->{id};
        die "$message->{method}: " . $json->encode($given->{error}) . "\n" if $given->{error};
        return $given->{result};
    }
    die "$message->{method}: no answer\n";
}

sub request { my ($method, $params) = @_; return post({jsonrpc => "2.0", id => ++$number, method => $method, params => $params}) }

sub tool {
    my ($name, %arguments) = @_;
    my $result = request("tools/call", {name => $name, arguments => \%arguments});
    die "$name: " . $json->encode($result->{content}) . "\n" if $result->{isError};
    return $result->{structuredContent};
}

open my $file, "<", $ENV{VIBENV_TASK_FILE} or die "no task: $!\n";
my $task = do { local $/; <$file> };
my ($title) = $task =~ /^# (.*)$/m;
print "My task: $title\n";

request("initialize", {protocolVersion => "2025-06-18", capabilities => {}, clientInfo => {name => "scripted", version => "1"}});
post({jsonrpc => "2.0", method => "notifications/initialized"});

my $ran = tool("run", command => "echo found-\$((40+2))");
print "run: $ran->{output}";
tool("write_file", path => "/workspace/plan.txt", text => "$title\n");
my $answer = tool("ask_human", text => "Shall I go on with: $title?", options => ["Go on", "Stop"], timeout_s => 60);
print "$answer->{answered_by} says: $answer->{answer}\n";
exit 5 unless $answer->{answer} eq "Go on";
tool("write_file", path => "/workspace/done.txt", text => "$answer->{answer}\n");
print "Done.\n";

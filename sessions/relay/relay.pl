# Run in a session: takes connections to vibenv's API there, and carries them over its input and output.
#
#   perl -e … -- PORT SOCKET PIDFILE
#
# Frames (see frames.py) go both ways; of a channel no more than a window is under way. It ends with its input, and when
# that says nothing for a minute; the next one ends what is left of it by its pid.
use strict;
use warnings;
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use Fcntl;
use Socket;

my ($port, $path, $pid_file) = @ARGV;
my ($opened, $data, $ended, $gone, $taken, $alive, $failed) = 1 .. 7;
my ($largest, $window, $most, $silence_s, $linger_s) = (32 * 1024, 128 * 1024, 64, 60, 2);
my $crowded = 1024 * 1024;    # of our output that nobody has taken: clients are not read meanwhile
$0 = "vibenv-relay";
$SIG{PIPE} = "IGNORE";

my ($input, $output, $next, %channels) = ("", "", 1);
my @listeners = eval { (on_port(), on_path()) };
if (!@listeners) {
    (my $why = $@) =~ s/ at -e line.*//s;
    syswrite STDOUT, pack("CNN", $failed, 0, length $why) . $why;
    exit 1;
}
if (open my $file, ">", $pid_file) { print $file "$$\n"; close $file }
unblock($_) for \*STDIN, \*STDOUT, @listeners;
frame($alive, 0, "");
my $heard = time;

while (1) {
    my ($reading, $writing) = ("", "");
    vec($reading, fileno($_), 1) = 1 for \*STDIN, keys(%channels) < $most ? @listeners : ();
    vec($writing, fileno(STDOUT), 1) = 1 if length $output;
    for my $c (values %channels) {
        vec($reading, fileno($c->{sock}), 1) = 1 if $c->{closing} || reads($c);
        vec($writing, fileno($c->{sock}), 1) = 1 if length $c->{out};
    }
    my $ready = select($reading, $writing, undef, 1);
    exit 0 if time - $heard > $silence_s;
    late($_) for values %channels;
    next if $ready <= 0;
    take_input() if vec($reading, fileno(STDIN), 1);
    for my $listener (@listeners) {
        take_client($listener) if vec($reading, fileno($listener), 1);
    }
    for my $c (values %channels) {
        give($c) if length $c->{out} && vec($writing, fileno($c->{sock}), 1);
        take($c) if $channels{ $c->{id} } && vec($reading, fileno($c->{sock}), 1);
    }
    put_output() if length $output;
}

sub on_port {
    socket(my $sock, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    setsockopt($sock, SOL_SOCKET, SO_REUSEADDR, 1);
    my $address = pack_sockaddr_in($port, INADDR_LOOPBACK);
    end_former();
    for (1 .. 50) {
        last if bind($sock, $address);
        die "port $port is taken: $!" if $_ == 50;
        select(undef, undef, undef, 0.05);
    }
    listen($sock, 128) or die "listen: $!";
    return $sock;
}

sub on_path {
    (my $directory = $path) =~ s{/[^/]+$}{};
    mkdir $directory;
    unlink $path;
    socket(my $sock, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
    bind($sock, pack_sockaddr_un($path)) or die "$path: $!";
    chmod 0666, $path;    # whoever has a token may use it
    listen($sock, 128) or die "listen: $!";
    return $sock;
}

sub end_former {
    open(my $file, "<", $pid_file) or return;
    my $pid = (<$file> // "") =~ /^(\d+)$/ ? $1 : return;
    open(my $line, "<", "/proc/$pid/cmdline") or return;
    kill "KILL", $pid if (<$line> // "") =~ /^vibenv-relay/;
}

sub unblock {
    my ($handle) = @_;
    fcntl($handle, F_SETFL, fcntl($handle, F_GETFL, 0) | O_NONBLOCK);
}

sub frame {
    my ($kind, $channel, $content) = @_;
    $output .= pack("CNN", $kind, $channel, length $content) . $content;
}

sub reads {
    my ($c) = @_;
    return !$c->{eof} && $c->{ahead} < $window && length($output) < $crowded;
}

sub passes { return $!{EAGAIN} || $!{EINTR} || $!{EWOULDBLOCK} }

sub take_client {
    my ($listener) = @_;
    accept(my $sock, $listener) or return;
    unblock($sock);
    my $id = $next++;
    $channels{$id} = { id => $id, sock => $sock, out => "", ahead => 0, eof => 0, ended => 0, closing => 0 };
    frame($opened, $id, "");
}

# What the client says goes on, or nowhere once it was told that we close.
sub take {
    my ($c) = @_;
    my $room = $window - $c->{ahead};
    $room = $largest if $room > $largest || $c->{closing};
    my $count = sysread($c->{sock}, my $content, $room);
    return if !defined $count && passes();
    if ($c->{closing}) {
        forget($c) if !$count;
        return;
    }
    return lose($c) if !defined $count;
    if ($count) {
        $c->{ahead} += $count;
        frame($data, $c->{id}, $content);
    } else {
        $c->{eof} = 1;
        frame($ended, $c->{id}, "");
    }
}

sub give {
    my ($c) = @_;
    my $count = syswrite($c->{sock}, $c->{out}, $largest);
    if (!defined $count) {
        lose($c) if !passes();
        return;
    }
    substr($c->{out}, 0, $count, "");
    frame($taken, $c->{id}, pack("N", $count));
    finish($c) if $c->{ended} && !length $c->{out};
}

# A client that is still saying something would lose the answer if we just closed: its words are read for a while.
sub finish {
    my ($c) = @_;
    return forget($c) if $c->{eof};
    shutdown($c->{sock}, 1);
    $c->{closing} = time + $linger_s;
}

sub late {
    my ($c) = @_;
    forget($c) if $c->{closing} && time > $c->{closing};
}

sub lose {
    my ($c) = @_;
    frame($gone, $c->{id}, "");
    forget($c);
}

sub forget {
    my ($c) = @_;
    close $c->{sock};
    delete $channels{ $c->{id} };
}

sub take_input {
    my $count = sysread(STDIN, $input, 64 * 1024, length $input);
    return if !defined $count && passes();
    exit 0 if !$count;
    $heard = time;
    while (length $input >= 9) {
        my ($kind, $id, $length) = unpack("CNN", $input);
        return if length $input < 9 + $length;
        my $content = substr($input, 9, $length);
        substr($input, 0, 9 + $length, "");
        my $c = $channels{$id};
        next if !$c || $c->{closing};
        if ($kind == $data) { $c->{out} .= $content }
        elsif ($kind == $taken) { $c->{ahead} -= unpack("N", $content) }
        elsif ($kind == $ended) {
            $c->{ended} = 1;
            finish($c) if !length $c->{out};
        }
    }
}

sub put_output {
    my $count = syswrite(STDOUT, $output, 256 * 1024);
    exit 0 if !defined $count && !passes();
    substr($output, 0, $count, "") if $count;
}

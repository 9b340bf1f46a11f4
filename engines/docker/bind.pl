# Run in the binder's container, among the processes of the engine's host: gives anonymous containers their names.
#
#   perl - MACHINE
#
# For each line "PID CONTAINER NAME" of the input, PID being the container's first process as the engine's host counts,
# two lines come back: "heard" at once, then "ok" or what is wrong. A name can be given again without harm.
use strict;
use warnings;
use Errno;
use Fcntl qw(:DEFAULT :mode);

my ($machine) = @ARGV;
my %numbers = (x86_64 => [308, 170], aarch64 => [268, 161]);
my ($setns, $sethostname) = @{ $numbers{$machine} or die "no system calls are known for $machine\n" };
my ($new_uts, $wait_s) = (0x04000000, 8);
my $waits = "/dev/shm/vibenv-name";    # a FIFO while the main process waits for its name, then a file

$| = 1;
while (defined(my $line = <STDIN>)) {
    chomp $line;
    print "heard\n";
    my $child = fork // die "fork: $!\n";
    if (!$child) {
        print eval { give(split / /, $line); 1 } ? "ok\n" : $@ || "it could not be said what\n";
        exit 0;
    }
    waitpid $child, 0;
    print "the helper was ended\n" if $?;
}

sub give {
    my ($pid, $container, $name) = @_;
    open(my $uts, "<", "/proc/$pid/ns/uts") or die "its name: $!\n";
    opendir(my $root, "/proc/$pid/root") or die "its files: $!\n";
    is_of($pid, $container) or die "its first process is another one by now\n";
    die "setns: $!\n" if syscall($setns, fileno($uts), $new_uts) < 0;
    my $old = content("/proc/sys/kernel/hostname");
    chomp $old;
    # From here on no path leads out of the container, whatever lies in it.
    chdir($root) && chroot(".") && chdir("/") or die "chroot: $!\n";
    if ($old ne $name) {
        rewrite("/etc/hostname", "$name\n");
        (my $hosts = content("/etc/hosts")) =~ s/(?<=\s)\Q$old\E(?=\s|$)/$name/g;
        rewrite("/etc/hosts", $hosts);
        die "sethostname: $!\n" if syscall($sethostname, $name, length $name) < 0;
    }
    hand_over($name);
}

# After its files were opened: a process that had ended before would be in no control group of the container.
sub is_of {
    my ($pid, $container) = @_;
    open(my $groups, "<", "/proc/$pid/cgroup") or return 0;
    return scalar grep { index($_, $container) >= 0 } <$groups>;
}

sub content {
    my ($path) = @_;
    sysopen(my $file, $path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or die "$path: $!\n";
    local $/;
    return scalar(<$file>) // "";
}

sub rewrite {
    my ($path, $text) = @_;
    sysopen(my $file, $path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK) or die "$path: $!\n";
    die "$path: no file\n" unless -f $file;
    syswrite($file, $text) == length $text or die "$path: $!\n";
}

# The main process may be about to wait; one that went on has put a file in the FIFO's place.
sub hand_over {
    my ($name) = @_;
    my $deadline = time + $wait_s;
    while (1) {
        return if lstat($waits) && -f _;
        if (-p _ && sysopen(my $fifo, $waits, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)) {
            return if syswrite($fifo, "$name\n");
        }
        die "its main process does not wait for a name\n" if time > $deadline;
        select(undef, undef, undef, 0.001);
    }
}

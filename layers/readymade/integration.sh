# Tells the terminal where the shell is (OSC 7) and where prompts, commands and their output begin and end (OSC 133).
# For bash and zsh, interactive and on a terminal only.
case $- in *i*) ;; *) return 0 ;; esac
[ -t 1 ] && [ "${TERM:-dumb}" != dumb ] || return 0

# Secrets given since the last prompt become variables.
__vibenv_secrets() {
  [ -r /run/vibenv/secrets/.version ] && IFS= read -r __vibenv_new </run/vibenv/secrets/.version || return 0
  [ "$__vibenv_new" = "${__vibenv_has:-}" ] || { __vibenv_has=$__vibenv_new; . /run/vibenv/secrets/.env; }
}
__vibenv_place() { printf '\033]7;file://%s%s\033\\' "${HOSTNAME:-localhost}" "${PWD// /%20}"; }

if [ -n "${BASH_VERSION:-}" ]; then
  __vibenv_before() { # runs first of what is before a prompt
    __vibenv_status=$?
    [ -z "${__vibenv_ran:-}" ] || printf '\033]133;D;%s\033\\' "$__vibenv_status"
    __vibenv_ran=
    __vibenv_secrets
    __vibenv_place
    return $__vibenv_status
  }
  __vibenv_marks() { # runs last: whatever set the prompt, its marks are around it
    case $PS1 in *'133;A'*) ;; *) PS1='\[\033]133;A\033\\\]'$PS1'\[\033]133;B\033\\\]' ;; esac
  }
  __vibenv_begin=$'\033]133;C\033\\'
  PS0='${__vibenv_begin}${__vibenv_nothing[__vibenv_ran=1]}' # the index is arithmetic: it notes that a command runs
  # a bash without arrays of commands joins them by semicolons
  PROMPT_COMMAND="__vibenv_before${PROMPT_COMMAND:+; ${PROMPT_COMMAND}}; __vibenv_marks"
elif [ -n "${ZSH_VERSION:-}" ]; then
  __vibenv_before() {
    __vibenv_status=$?
    [ -z "${__vibenv_ran:-}" ] || printf '\033]133;D;%s\033\\' "$__vibenv_status"
    __vibenv_ran=
    __vibenv_secrets
    __vibenv_place
    case $PS1 in *'133;A'*) ;; *) PS1=$'%{\033]133;A\033\\%}'$PS1$'%{\033]133;B\033\\%}' ;; esac
    return $__vibenv_status
  }
  __vibenv_begin() { __vibenv_ran=1; printf '\033]133;C\033\\'; }
  precmd_functions=(__vibenv_before $precmd_functions)
  preexec_functions+=(__vibenv_begin)
fi

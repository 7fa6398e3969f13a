"""Many replies: judged by several workers at once, told one after another, none of them kept."""

"""`bringup check`: the tests of a bring-up folder, run on a target."""

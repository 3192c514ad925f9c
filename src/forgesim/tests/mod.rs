//! Stories about the simulation itself, told over real HTTP.

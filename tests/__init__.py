"""Tests: census/, settings/ and flows/ by module, simulation/ for exactness, benchmarks/ for speed."""

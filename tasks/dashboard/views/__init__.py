"""The pages of the dashboard, a module each; Streamlit takes a folder `pages` for its own."""
